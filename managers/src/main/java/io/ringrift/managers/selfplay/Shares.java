package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.stream.IntStream;

/// How games are split over workers (SPEC 5.4): each gets games div workers, and the first as many
/// as remain get one more.
@Pure
final class Shares {
  private Shares() {}

  /// Games of each item: every worker's share is cut into as many items as have at most `perItem`
  /// games. Only where those were more than `most` the workers have not equally many.
  ///
  /// @param games at most most · perItem
  /// @param workers 1 to most
  static List<Integer> items(int games, int workers, int perItem, int most) {
    long items = (long) workers * Math.ceilDiv(Math.ceilDiv(games, workers), perItem);
    return of(games, (int) Math.min(most, items));
  }

  /// Games of each worker that gets any, most first; their sum is `games`.
  ///
  /// @param workers at least 1
  static List<Integer> of(int games, int workers) {
    int base = games / workers;
    int remainder = games % workers;
    return IntStream.range(0, workers)
        .map(worker -> worker < remainder ? base + 1 : base)
        .filter(share -> share > 0)
        .boxed()
        .toList();
  }
}
