package io.ringrift.chaos.run;

import java.util.function.Consumer;

/// Threads of the runner beside its own. What shows a violation may be what one of them would have
/// seen: a run in which one died of what nobody foresaw could not be done.
final class Threads {
  private Threads() {}

  /// @param failed told why the run could not be done
  static Thread.UncaughtExceptionHandler telling(Consumer<String> failed) {
    return (thread, e) -> failed.accept("thread " + thread.getName() + " of the runner died: " + e);
  }
}
