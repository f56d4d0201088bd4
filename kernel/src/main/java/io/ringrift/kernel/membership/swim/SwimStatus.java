package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import java.time.Duration;
import java.util.List;

/// SWIM for people (SPEC 7.4).
///
/// @param failureTimeout from a loss to DEAD everywhere, expected at the present size
/// @param suspicionTimeout how long a suspect may refute at the present size
/// @param localHealth from 0, sound, to 8: how far this node doubts itself
/// @param members sorted by node id, this node included
public record SwimStatus(
    int bindPort,
    Duration failureTimeout,
    Duration suspicionTimeout,
    Duration pingInterval,
    int localHealth,
    List<SwimMember> members) {
  /// One member.
  ///
  /// @param address where its services listen
  public record SwimMember(NodeId id, MemberState state, String address) {}

  /// Members in that state.
  public long count(MemberState state) {
    return members.stream().filter(member -> member.state() == state).count();
  }
}
