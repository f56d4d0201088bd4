package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.util.List;

/// One voter of bully mode: election and replication composed. A function of (state, now, input);
/// one thread owns it.
@Pure
@SuppressWarnings("DoNotCallSuggester")
final class BullyCore {
  /// What survived a restart.
  ///
  /// @param snapshot place that the stored snapshot covers; START without one
  /// @param applied last place that the state machine holds; its entries are not committed again
  /// @param entries stored log behind the snapshot or the kept tail, in order
  record Recovered(
      Promise promise, LogPosition snapshot, LogPosition applied, List<LogEntry> entries) {
    static final Recovered EMPTY =
        new Recovered(Promise.NONE, LogPosition.START, LogPosition.START, List.of());
  }

  BullyCore(BullyConfig config, Recovered recovered, Moment start) {
    throw new IllegalStateException(
        "replaced by the implementation of " + config + recovered + start);
  }

  /// Advances by one input.
  ///
  /// @param now never earlier than in the call before
  List<Effect> step(Moment now, Input input) {
    throw new IllegalStateException(now + " " + input);
  }

  /// The present answer to "who leads".
  Leadership leadership() {
    throw new IllegalStateException();
  }

  LogPosition logEnd() {
    throw new IllegalStateException();
  }

  long commitIndex() {
    throw new IllegalStateException();
  }

  Promise promise() {
    throw new IllegalStateException();
  }
}
