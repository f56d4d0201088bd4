package io.ringrift.managers.queue;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Notices work that waits while nobody holds any (SPEC 6, WorkQueueMaintenance). A stall is told
/// once, until somebody holds work again. One thread.
@Pure
final class StallWatch {
  enum Verdict {
    /// Nothing new.
    NONE,
    /// A stall began to count.
    STALLED,
    /// A stall that was told is over.
    RECOVERED
  }

  private final Duration after;
  private @Nullable Epoch term;
  private @Nullable Moment idleSince;
  private boolean told;

  StallWatch(Duration after) {
    this.after = after;
  }

  /// One look. Another epoch begins anew: between two offices nobody watched.
  ///
  /// @param held items that are claimed or run
  Verdict step(Epoch epoch, Moment now, int pending, int held) {
    if (!epoch.equals(term)) {
      term = epoch;
      idleSince = null;
      told = false;
    }
    if (held > 0 || pending == 0) {
      boolean over = told;
      idleSince = null;
      told = false;
      return over ? Verdict.RECOVERED : Verdict.NONE;
    }
    Moment since = idleSince == null ? now : idleSince;
    idleSince = since;
    if (told || now.since(since).compareTo(after) < 0) {
      return Verdict.NONE;
    }
    told = true;
    return Verdict.STALLED;
  }
}
