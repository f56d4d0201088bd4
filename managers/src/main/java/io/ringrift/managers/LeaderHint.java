package io.ringrift.managers;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import java.util.Optional;

/// Refuses what only the leader may do, naming the leader and where it listens, so that clients can
/// follow. Never blocks; any thread.
public final class LeaderHint {
  private final Consensus consensus;
  private final Membership membership;

  public LeaderHint(Consensus consensus, Membership membership) {
    this.consensus = consensus;
    this.membership = membership;
  }

  /// Whether this node leads now.
  public boolean leads() {
    return consensus.leadsNow(consensus.leadership().epoch());
  }

  /// The epoch in which this node leads now.
  ///
  /// @throws Refusal NOT_LEADER with `leader_id` and `leader_address` in its details when known
  public Epoch requireLeader() {
    Leadership now = consensus.leadership();
    if (now.role() == Role.LEADER && consensus.leadsNow(now.epoch())) {
      return now.epoch();
    }
    throw notLeader();
  }

  /// The refusal with the hint.
  public Refusal notLeader() {
    Leadership now = consensus.leadership();
    // A leader that gives its office up, or has not taken it up yet, is none to be asked.
    Optional<NodeId> leader = now.leader().filter(_ -> now.role() != Role.LEADER);
    if (leader.isEmpty()) {
      return new Refusal(
          Reason.NOT_LEADER,
          "nobody is known to lead just now; try again shortly; without a majority of the voters"
              + " nobody can");
    }
    String id = leader.get().value();
    var refusal =
        new Refusal(Reason.NOT_LEADER, "node " + id + " leads; ask there").with("leader_id", id);
    membership
        .member(leader.get())
        .flatMap(member -> member.endpoint())
        .ifPresent(endpoint -> refusal.with("leader_address", endpoint.toString()));
    return refusal;
  }
}
