package io.ringrift.kernel.wire;

import java.util.List;
import java.util.Optional;

/// Answer to a poll.
///
/// @param members some of the members that the answering node knows
/// @param ofPoller what the answering node believes of the poller
public record PollAnswer(Intro intro, List<MemberReport> members, Optional<Belief> ofPoller) {}
