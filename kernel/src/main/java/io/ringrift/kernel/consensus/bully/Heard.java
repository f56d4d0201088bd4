package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.time.Moment;
import java.util.Optional;

/// A leader heard of by its appends.
///
/// @param at when it was heard last
record Heard(NodeId leader, Epoch epoch, Moment at) {
  /// What a voter that follows it says about who leads.
  Leadership told() {
    return new Leadership(Role.FOLLOWER, Optional.of(leader), epoch, Moment.MIN);
  }
}
