package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Pure;

/// When a snapshot is worth its price, which is a pass over the whole state: once as many bytes
/// went through the log as the last one had, so that snapshots cost no more than the log itself,
/// however great the state is. At the latest after a number of entries, also when this process
/// began in between and has not seen all of them. One thread.
@Pure
final class SnapshotPace {
  /// Times the least number of entries between two snapshots.
  private static final long MOST = 50;

  private final long mostEntries;
  private long covered;
  private long size;
  private long logged;

  /// @param leastEntries between two snapshots, which is Ratis' to count
  SnapshotPace(int leastEntries) {
    this.mostEntries = MOST * leastEntries;
  }

  /// An entry went through the log.
  void logged(long bytes) {
    logged += bytes;
  }

  /// There is a snapshot of everything up to a place.
  void taken(long index, long bytes) {
    covered = index;
    size = bytes;
    logged = 0;
  }

  boolean due(long applied) {
    return logged >= size || applied - covered >= mostEntries;
  }
}
