package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import java.time.Duration;

/// The rules that the views rest on, each a few lines, gathered so that a test can plant a fault in
/// one of them and see the simulation catch it. Production knows one instance.
@Pure
class PollRules {
  static final PollRules PROTOCOL = new PollRules();

  /// What silence makes of a live member: never DEAD without a suspicion that it could refute.
  MemberState silent(
      MemberState state, Duration silence, Duration suspectAfter, Duration deadAfter) {
    if (state == MemberState.ALIVE) {
      return silence.compareTo(suspectAfter) > 0 ? MemberState.SUSPECT : MemberState.ALIVE;
    }
    return silence.compareTo(deadAfter) > 0 ? MemberState.DEAD : state;
  }

  /// The own incarnation once another doubts us (SWIM, section 4.2).
  Incarnation refuting(Incarnation own, Belief ofMe) {
    return own.isAfter(ofMe.incarnation()) ? own : ofMe.incarnation().next();
  }

  /// Whether words of this life count: LEFT is meant, and an older incarnation is a late message.
  boolean counts(MemberState state, Incarnation known, Intro intro) {
    return state != MemberState.LEFT && !known.isAfter(intro.incarnation());
  }
}
