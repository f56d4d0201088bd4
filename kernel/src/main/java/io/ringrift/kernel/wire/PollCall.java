package io.ringrift.kernel.wire;

import java.util.Optional;

/// One poll.
///
/// @param ofTarget what the poller believes of the polled
public record PollCall(Intro intro, String clusterId, Optional<Belief> ofTarget) {}
