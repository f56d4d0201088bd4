package io.ringrift.managers.sync;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.OptionalInt;

/// Which ranges of one file are to be had, for those who bring them: each range has one bringer at
/// a time, and one that was not brought is open again. Waits only while others still bring. Safe
/// for any thread.
final class RangeBoard {
  private final Deque<Integer> open;
  private int underway;
  private boolean stopped;

  RangeBoard(Collection<Integer> open) {
    this.open = new ArrayDeque<>(open);
  }

  /// The next range to bring; empty when none will be open any more. Blocks while all that is left
  /// is being brought by others, who may fail.
  synchronized OptionalInt take() throws InterruptedException {
    while (!stopped && open.isEmpty() && underway > 0) {
      wait();
    }
    if (stopped || open.isEmpty()) {
      return OptionalInt.empty();
    }
    underway++;
    return OptionalInt.of(open.removeFirst());
  }

  /// Ends what take began.
  synchronized void end(int range, boolean brought) {
    underway--;
    if (!brought) {
      open.addFirst(range);
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
