package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Which ranges of one file are to be had, for those who bring them: each range has one bringer at
/// a time, and one that was not brought is open again. When none is open, a range that takes its
/// bringer much longer than the asker needs for one goes over to the asker, once at most for each.
/// Safe for any thread.
final class RangeBoard {
  /// A bringer has a range for so long at least.
  static final Duration LEAST = Duration.ofSeconds(1);

  /// How often somebody who waits looks whether a range takes too long, or a turn is wanted.
  private static final long LOOK_MILLIS = 50;

  private final Ticker ticker;
  private final Deque<Integer> open;
  private final Map<Integer, RangeHold> underway = new HashMap<>();
  private boolean stopped;

  RangeBoard(Ticker ticker, Collection<Integer> open) {
    this.ticker = ticker;
    this.open = new ArrayDeque<>(open);
  }

  /// The next range to bring; empty when none will be open any more, or the asker leaves. Blocks
  /// while all that is left is being brought by others, who may fail or be too slow.
  ///
  /// @param usual what the asker needs for a range
  /// @param leaves whether the asker goes instead; asked again and again
  synchronized Optional<RangeHold> take(NodeId node, Duration usual, BooleanSupplier leaves)
      throws InterruptedException {
    while (!stopped && !(open.isEmpty() && underway.isEmpty()) && !leaves.getAsBoolean()) {
      var hold =
          open.isEmpty()
              ? fromTheSlowest(node, usual)
              : Optional.of(
                  new RangeHold(
                      open.removeFirst(), node, ticker.now(), Optional.empty(), Set.of()));
      if (hold.isPresent()) {
        underway.put(hold.get().range(), hold.get());
        return hold;
      }
      wait(LOOK_MILLIS);
    }
    return Optional.empty();
  }

  private Optional<RangeHold> fromTheSlowest(NodeId node, Duration usual) {
    Moment now = ticker.now();
    Duration longest = usual.multipliedBy(2).plus(LEAST);
    return underway.values().stream()
        .filter(hold -> now.since(hold.began()).compareTo(longest) > 0)
        .filter(hold -> !hold.node().equals(node) && !hold.tried().contains(node))
        .min(Comparator.comparing(RangeHold::began))
        .filter(RangeHold::takeAway)
        .map(
            hold -> {
              var tried = new HashSet<>(hold.tried());
              tried.add(hold.node());
              return new RangeHold(hold.range(), node, now, Optional.of(hold), tried);
            });
  }

  /// Ends what take began, unless the range has gone over to another.
  synchronized void end(RangeHold hold, boolean brought) {
    if (underway.remove(hold.range(), hold) && !brought) {
      open.addFirst(hold.range());
    }
    notifyAll();
  }

  /// Nothing more is given out.
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /// Whether there is something that nobody brings.
  synchronized boolean isOpen() {
    return !open.isEmpty();
  }
}
