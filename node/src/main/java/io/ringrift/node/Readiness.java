package io.ringrift.node;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.managers.loop.LoopManager;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Whether this node can serve its role now: the leader with open duties and a state that has
/// begun, anybody else with a leader that it can reach. Never blocks.
final class Readiness {
  private final NodeId self;
  private final Consensus consensus;
  private final Membership membership;
  private final LoopManager loops;
  private final BooleanSupplier founded;

  /// @param founded whether the replicated state has begun: before, a leader refuses every command
  Readiness(
      NodeId self,
      Consensus consensus,
      Membership membership,
      LoopManager loops,
      BooleanSupplier founded) {
    this.self = self;
    this.consensus = consensus;
    this.membership = membership;
    this.loops = loops;
    this.founded = founded;
  }

  boolean leads() {
    return consensus.leadsNow(consensus.leadership().epoch());
  }

  /// Why not; empty when it can.
  Optional<String> unready() {
    var leadership = consensus.leadership();
    if (leadership.role() == Role.LEADER) {
      return founded.getAsBoolean() && loops.openDuties().equals(Optional.of(leadership.epoch()))
          ? Optional.empty()
          : Optional.of("this node leads and takes up its duties");
    }
    var leader = leadership.leader();
    if (leader.isEmpty() || leader.get().equals(self)) {
      return Optional.of("nobody is known to lead");
    }
    boolean reachable = leader.flatMap(membership::member).filter(Member::alive).isPresent();
    return reachable
        ? Optional.empty()
        : Optional.of("the leader " + leader.get() + " is not reachable from here");
  }
}
