package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.Optional;

/// How a voter takes part in Raft.
///
/// @param bindHost address to listen at, never every interface by omission
/// @param bindPort port to listen at
/// @param electionMin least silence of the leader after which a voter asks for votes. A lease is as
///   long, less the drift
/// @param maxDriftPerMille greatest difference of two nodes' clock rates, in thousandths
/// @param snapshotEvery least number of entries between two snapshots
/// @param heapBytes greatest heap of this process; what may wait in memory is a part of it
/// @param tls certificates for the raft port; empty is plaintext
public record RaftConfig(
    String bindHost,
    int bindPort,
    Duration electionMin,
    int maxDriftPerMille,
    int snapshotEvery,
    long heapBytes,
    Optional<RaftTls> tls) {
  private static final int BEATS = 6;

  /// @throws Refusal INVALID_ARGUMENT naming the field
  public RaftConfig {
    if (bindHost.isBlank()) {
      throw Refusal.invalid("raft_bind_host", bindHost, "an address of this node");
    }
    if (bindPort < 1 || bindPort > 65535) {
      throw Refusal.invalid("raft_bind_port", Integer.toString(bindPort), "1 to 65535");
    }
    if (electionMin.toMillis() < 100) {
      throw Refusal.invalid("raft_election_min", electionMin.toString(), "at least 100 ms");
    }
    if (snapshotEvery < 1) {
      throw Refusal.invalid(
          "raft_compaction_min_entries", Integer.toString(snapshotEvery), "1 or more");
    }
  }

  /// Longest pause between two tries of an election, and how long Raft's leader waits for a
  /// majority: twice the least, or a second, because a short lease is no reason to give up a term.
  public Duration electionMax() {
    return atLeast(electionMin.multipliedBy(2), Duration.ofSeconds(1));
  }

  /// What a disk or a process may stand still before this voter counts as sick, which a short lease
  /// does not make it.
  Duration patience() {
    return atLeast(electionMin.multipliedBy(2), Duration.ofSeconds(2));
  }

  /// Longest gap between a follower's answer and the leader's next append.
  Duration heartbeat() {
    return electionMin.dividedBy(BEATS);
  }

  private static Duration atLeast(Duration value, Duration least) {
    return value.compareTo(least) < 0 ? least : value;
  }

  /// How long a leader counts on a voter from the send of what that voter answered.
  public Duration lease() {
    return electionMin.multipliedBy(1000 - maxDriftPerMille).dividedBy(1000);
  }

  /// How long a voter withholds its vote from others after it heard the leader.
  Duration hold() {
    return electionMin.multipliedBy(1000 + maxDriftPerMille).dividedBy(1000);
  }
}
