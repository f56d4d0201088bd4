package io.ringrift.kernel.wire;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// A member as another node tells of it: moments mean nothing elsewhere, ages do.
///
/// @param age time since the teller last had evidence of life
/// @param relayed the teller itself knows only by another's word
public record MemberReport(
    NodeId id,
    BootId boot,
    Incarnation incarnation,
    MemberState state,
    Optional<Endpoint> endpoint,
    boolean voter,
    boolean outboundOnly,
    boolean retired,
    Duration age,
    int flapCount,
    boolean relayed) {
  /// The report of a member of the own view.
  public static MemberReport of(Member member, Moment now, boolean relayed) {
    Duration age = now.since(member.lastContact());
    return new MemberReport(
        member.id(),
        member.boot(),
        member.incarnation(),
        member.state(),
        member.endpoint(),
        member.voter(),
        member.outboundOnly(),
        member.retired(),
        age.isNegative() ? Duration.ZERO : age,
        member.flapCount(),
        relayed);
  }
}
