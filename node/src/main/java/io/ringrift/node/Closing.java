package io.ringrift.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// What has been opened, to be closed in reverse. One thread at a time.
final class Closing implements AutoCloseable {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  /// Closes the part later.
  ///
  /// @return the part
  <T> T later(T part, Consumer<T> close) {
    steps.push(() -> close.accept(part));
    return part;
  }

  /// Runs the step once, however often it is asked for, before all that was asked for so far.
  ///
  /// @return asks for the step again
  Runnable first(Runnable step) {
    var done = new AtomicBoolean();
    Runnable once =
        () -> {
          if (!done.getAndSet(true)) {
            step.run();
          }
        };
    steps.push(once);
    return () -> steps.push(once);
  }

  /// Closes everything, even when a part fails to.
  @Override
  public void close() {
    if (steps.isEmpty()) {
      return;
    }
    try {
      steps.pop().run();
    } finally {
      close();
    }
  }
}
