package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.util.List;
import java.util.Optional;

/// What can happen to the detector.
sealed interface PollInput {
  /// Time passed. Comes at least twice per heartbeat; a longer gap is read as an own stall.
  record Tick() implements PollInput {}

  /// Settings were exchanged and found equal with this life of that node, in either direction.
  ///
  /// @param dialled where this node greeted it; empty when the other greeted
  record Admitted(Intro intro, Optional<Endpoint> dialled) implements PollInput {}

  /// A poll arrived.
  ///
  /// @param ofMe what the poller believes of this node
  record Polled(Intro intro, Optional<Belief> ofMe) implements PollInput {}

  /// A poll was answered.
  record Answered(NodeId asked, Intro intro, Optional<Belief> ofMe) implements PollInput {}

  /// A poll was not answered. Silence decides, not the failure.
  record PollFailed(NodeId asked) implements PollInput {}

  /// A greeting was not answered or was refused.
  record GreetFailed(Endpoint at) implements PollInput {}

  /// What another node tells of others.
  record Learned(NodeId teller, List<MemberReport> reports) implements PollInput {}

  /// That node leaves on purpose.
  record Goodbye(Intro intro) implements PollInput {}

  /// This node leaves on purpose.
  record Leave() implements PollInput {}
}
