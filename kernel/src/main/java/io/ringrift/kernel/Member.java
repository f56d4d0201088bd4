package io.ringrift.kernel;

import io.ringrift.kernel.time.Moment;
import java.util.Optional;

/// One node as this node sees it.
///
/// @param endpoint where it listens; empty for an outbound-only node
/// @param lastContact moment of the last direct evidence of life, on this node's monotonic clock
/// @param retired DEAD for so long that it no longer counts as part of the cluster
/// @param flapCount times it left ALIVE and came back in the same boot
public record Member(
    NodeId id,
    BootId boot,
    Incarnation incarnation,
    MemberState state,
    Optional<Endpoint> endpoint,
    boolean voter,
    boolean outboundOnly,
    Moment lastContact,
    boolean retired,
    int flapCount) {
  public boolean alive() {
    return state == MemberState.ALIVE;
  }

  /// The same member in another state.
  public Member in(MemberState other) {
    return new Member(
        id,
        boot,
        incarnation,
        other,
        endpoint,
        voter,
        outboundOnly,
        lastContact,
        retired,
        flapCount);
  }
}
