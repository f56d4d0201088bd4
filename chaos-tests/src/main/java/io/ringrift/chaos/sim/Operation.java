package io.ringrift.chaos.sim;

import io.ringrift.kernel.consensus.ledger.LogPosition;
import org.jspecify.annotations.Nullable;

/// One call of a client and what became of it. One thread.
final class Operation {
  enum State {
    OPEN,
    DONE,
    UNWRITTEN,
    UNKNOWN
  }

  final long ticket;

  /// Number of the command; 0 for a barrier read.
  final long command;

  State state = State.OPEN;

  /// Where the command stands in the log, once it does.
  @Nullable LogPosition position;

  Operation(long ticket, long command) {
    this.ticket = ticket;
    this.command = command;
  }

  boolean isRead() {
    return command == 0;
  }
}
