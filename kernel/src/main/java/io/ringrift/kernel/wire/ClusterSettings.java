package io.ringrift.kernel.wire;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Settings that have to be equal on every node of a cluster; exchanged in the hello.
///
/// @param raftElectionTimeout what a Raft leader's lease is counted by: a voter that lets another
///   be elected earlier than the leader counts on makes two hold a lease; zero in mode bully
/// @param voters voters in force; kept sorted
/// @param votersVersion which of the lists that the ledger decided they are; 0 is the configured
///   one
public record ClusterSettings(
    String clusterId,
    String membershipMode,
    String consensusMode,
    int protocolVersion,
    Duration lease,
    Duration renew,
    Duration raftElectionTimeout,
    List<NodeId> voters,
    long votersVersion) {
  /// Version of the node-to-node protocol that this build speaks.
  public static final int PROTOCOL_VERSION = 2;

  public ClusterSettings {
    voters = voters.stream().sorted().toList();
  }

  /// Without Raft, with the voters as configured.
  public ClusterSettings(
      String clusterId,
      String membershipMode,
      String consensusMode,
      int protocolVersion,
      Duration lease,
      Duration renew,
      List<NodeId> voters) {
    this(
        clusterId,
        membershipMode,
        consensusMode,
        protocolVersion,
        lease,
        renew,
        Duration.ZERO,
        voters,
        0);
  }

  /// The refusal that two nodes with different settings tell each other, naming every differing
  /// field with both values; empty when all are equal. Of two lists of voters that the ledger put
  /// one after the other, the older is no mismatch: its node will learn the newer.
  public Optional<Refusal> mismatch(NodeId here, NodeId there, ClusterSettings theirs) {
    var faults = new ArrayList<String>();
    compare(faults, "cluster_id", clusterId, theirs.clusterId);
    compare(faults, "membership_mode", membershipMode, theirs.membershipMode);
    compare(faults, "consensus_mode", consensusMode, theirs.consensusMode);
    compare(faults, "protocol_version", protocolVersion, theirs.protocolVersion);
    compare(faults, "lease_duration", lease, theirs.lease);
    compare(faults, "renew_interval", renew, theirs.renew);
    compare(faults, "raft_election_timeout", raftElectionTimeout, theirs.raftElectionTimeout);
    if (votersVersion == theirs.votersVersion) {
      compare(faults, "voters", voters, theirs.voters);
    }
    if (faults.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
                Reason.SETTINGS_MISMATCH,
                "nodes "
                    + here
                    + " and "
                    + there
                    + " have different cluster settings: "
                    + String.join("; ", faults)
                    + " ("
                    + here
                    + "'s value first); make them equal and restart the node that is wrong")
            .with("here", here.value())
            .with("there", there.value()));
  }

  private static void compare(List<String> faults, String field, Object ours, Object theirs) {
    if (!ours.equals(theirs)) {
      faults.add(field + " is " + ours + " against " + theirs);
    }
  }
}
