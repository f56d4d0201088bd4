package io.ringrift.kernel.consensus.raft;

/// What a division tells of itself. Called on Ratis' threads and the applier's; must return at
/// once.
interface DivisionEvents {
  /// The log was executed up to here.
  void applied(Applied applied);

  /// The request with that number is about to be written into the log.
  void appending(long callId);

  /// Something about the leadership may have changed: look again.
  void changed();
}
