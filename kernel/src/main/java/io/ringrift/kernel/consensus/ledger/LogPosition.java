package io.ringrift.kernel.consensus.ledger;

import io.ringrift.kernel.Epoch;

/// Place in the log: the epoch of the leader that appended the entry, then its index. Ordered as
/// Raft orders logs by how up-to-date they are (thesis, section 3.6.1).
public record LogPosition(Epoch epoch, long index) implements Comparable<LogPosition> {
  /// Before the first entry.
  public static final LogPosition START = new LogPosition(Epoch.ZERO, 0);

  @Override
  public int compareTo(LogPosition other) {
    int byEpoch = epoch.compareTo(other.epoch);
    return byEpoch != 0 ? byEpoch : Long.compare(index, other.index);
  }

  public boolean isAfter(LogPosition other) {
    return compareTo(other) > 0;
  }
}
