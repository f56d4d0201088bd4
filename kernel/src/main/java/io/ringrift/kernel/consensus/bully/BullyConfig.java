package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Fixed settings of one core.
///
/// @param voters configured voters with their priorities; `self` is among them
/// @param maxBatchEntries most entries in one Append
/// @param maxBatchBytes most payload bytes in one Append, unless a single entry is larger
/// @param snapshotEvery most entries between snapshots
/// @param keepEntries most entries kept in the log behind a snapshot for slow followers
/// @param maxUncommitted most entries a leader takes beyond the commit index; more are refused as
///   OVERLOADED
/// @param maxUncommittedBytes most payload bytes of these entries; a command that stands alone may
///   be larger
record BullyConfig(
    NodeId self,
    Map<NodeId, Integer> voters,
    Timing timing,
    int maxBatchEntries,
    int maxBatchBytes,
    int snapshotEvery,
    int keepEntries,
    int maxUncommitted,
    long maxUncommittedBytes) {
  private static final long LEAST_UNCOMMITTED_BYTES = 4L << 20;
  private static final long MOST_UNCOMMITTED_BYTES = 64L << 20;

  BullyConfig {
    voters = Map.copyOf(voters);
    if (!voters.containsKey(self)) {
      throw new IllegalArgumentException(self + " is not among the voters " + voters.keySet());
    }
  }

  /// A sixteenth of the heap may wait for a quorum: 12 MiB of 192.
  static BullyConfig of(NodeId self, Map<NodeId, Integer> voters, Timing timing) {
    long waiting =
        Math.clamp(
            Runtime.getRuntime().maxMemory() / 16, LEAST_UNCOMMITTED_BYTES, MOST_UNCOMMITTED_BYTES);
    return new BullyConfig(self, voters, timing, 512, 1 << 20, 10_000, 2_000, 4_096, waiting);
  }

  /// Committed payload bytes in memory that call for a snapshot, however few entries they are. Half
  /// of them may stay behind the snapshot for slow followers.
  long maxLogBytes() {
    return 2 * maxUncommittedBytes;
  }

  /// Strict majority of the configured voters (SPEC 3.4).
  int quorum() {
    return voters.size() / 2 + 1;
  }

  /// How long a voter that gave up leading leaves the field to the others: every rank has its turn.
  Duration rest() {
    return timing.electionTimeout().multipliedBy(voters.size() + 1L);
  }

  /// Voters from the highest rank to the lowest: greater priority, then greater node id.
  List<NodeId> ranking() {
    return voters.keySet().stream()
        .sorted(
            Comparator.<NodeId, Integer>comparing(voters::get)
                .thenComparing(Comparator.naturalOrder())
                .reversed())
        .toList();
  }
}
