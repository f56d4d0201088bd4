package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// A list that is read in pages, newest first. A page begins behind a place in the order of
/// creation, so what is added meanwhile moves nothing from one page to another.
@Pure
final class Pages {
  private Pages() {}

  /// @param next where the next page begins; 0 when this is the last
  record Page<T>(List<T> items, long next) {}

  /// @param before only what has a smaller sequence; 0 begins at the newest
  static <T> Page<T> page(
      Stream<T> newestFirst, long before, int limit, ToLongFunction<T> sequence) {
    var found =
        newestFirst
            .filter(one -> before == 0 || sequence.applyAsLong(one) < before)
            .limit(limit + 1L)
            .toList();
    if (found.size() <= limit) {
      return new Page<>(found, 0);
    }
    var items = found.subList(0, limit);
    return new Page<>(items, sequence.applyAsLong(items.getLast()));
  }
}
