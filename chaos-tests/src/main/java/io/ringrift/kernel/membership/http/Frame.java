package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.util.List;
import java.util.Optional;

/// What simulated detectors send each other. `call` names the call that waits for the answer; 0
/// stands for a stream, where nothing waits.
sealed interface Frame {
  record Hello(long call, Intro intro) implements Frame {}

  record Welcome(long call, Intro intro, List<MemberReport> members) implements Frame {}

  record Poll(long call, Intro intro, Optional<Belief> ofTarget) implements Frame {}

  record Answer(long call, Intro intro, List<MemberReport> members, Optional<Belief> ofPoller)
      implements Frame {}

  record Goodbye(Intro intro) implements Frame {}
}
