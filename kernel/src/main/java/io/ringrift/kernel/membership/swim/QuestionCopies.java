package io.ringrift.kernel.membership.swim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Repeats a question in the first half of its wait: five datagrams, and once by connection in case
/// the network carries none. An answer, or the end of the wait, ends it; without loss only the
/// first copy ever goes out.
final class QuestionCopies {
  private static final int DATAGRAMS = 5;
  private static final int STREAM_AT = 2;
  private static final int PARTS = 8;

  private final SwimThread owner;
  private final long gapMillis;
  private final List<Future<?>> planned = new ArrayList<>();

  /// @param wait how long the asker waits
  QuestionCopies(SwimThread owner, Duration wait) {
    this.owner = owner;
    this.gapMillis = Math.max(1, wait.toMillis() / PARTS);
  }

  void start(Runnable datagram, Runnable stream) {
    datagram.run();
    for (int i = 1; i < DATAGRAMS; i++) {
      planned.add(owner.schedule(datagram, i * gapMillis, TimeUnit.MILLISECONDS));
    }
    planned.add(owner.schedule(stream, STREAM_AT * gapMillis, TimeUnit.MILLISECONDS));
  }

  void cancel() {
    planned.forEach(copy -> copy.cancel(false));
  }
}
