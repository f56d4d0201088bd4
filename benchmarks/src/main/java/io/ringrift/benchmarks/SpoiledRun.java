package io.ringrift.benchmarks;

import org.jspecify.annotations.Nullable;

/// Operations failed during a run, for example because the leader changed under too much load: its
/// figures mean nothing, and the run may be repeated.
final class SpoiledRun extends RuntimeException {
  private static final int MOST_TRIES = 3;

  /// One run.
  interface Run<T> {
    T make() throws Exception;
  }

  SpoiledRun(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// Makes a run, again when it was spoiled.
  ///
  /// @throws SpoiledRun when every try was
  static <T> T repeat(java.io.PrintWriter out, Run<T> run) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        return run.make();
      } catch (SpoiledRun spoiled) {
        if (tries == MOST_TRIES) {
          throw spoiled;
        }
        Lab.say(out, "a run is repeated: " + spoiled.getMessage());
      }
    }
  }
}
