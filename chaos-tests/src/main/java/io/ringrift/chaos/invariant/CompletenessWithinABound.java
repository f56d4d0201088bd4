package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Timing;

/// Whoever has had no sign of life of a node for the dead timeout, doubled for self-doubt, no
/// longer believes it live, whether it crashed, stands still or was cut off (RELIABILITY M1; with
/// polling, B is the time-out itself).
final class CompletenessWithinABound implements SideInvariant {
  private final Surroundings around;
  private final long bound;
  private final long staleNews;

  CompletenessWithinABound(Timing timing, Surroundings around) {
    this.around = around;
    // Both clocks may go slow, and ticks stand between the timeout and its judgement.
    long dead = timing.deadAfter().toNanos();
    this.bound = 2 * dead + dead / 1000 * 4 * timing.maxDriftPerMille() + dead / 5;
    // News of an outbound-only node may travel late along a stream, and its age with it.
    this.staleNews = 3 * timing.lease().toNanos();
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    if (observer == of
        || (member.state() != MemberState.ALIVE && member.state() != MemberState.SUSPECT)) {
      return;
    }
    long most = around.outboundOnly(of) ? bound + staleNews : bound;
    long silent = around.silentFor(observer, of);
    if (silent > most) {
      throw new InvariantBroken(
          this,
          "node %d believes node %d %s after %.3f silent seconds"
              .formatted(observer + 1, of + 1, member.state(), silent / 1e9));
    }
  }
}
