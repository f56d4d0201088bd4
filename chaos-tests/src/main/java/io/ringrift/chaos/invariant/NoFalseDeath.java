package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.Timing;

/// In a quiet window nobody dies: a node that has been up, awake and undisturbed towards an
/// observer for longer than the dead timeout is not declared DEAD by it, and a death declared
/// before is taken back (RELIABILITY M2, M4; SPEC 2.2).
///
/// Messages of the quiet window are still lost, doubled or late now and then. An observer that
/// doubts itself waits twice as long, and an outbound-only node may be the one who polls the dead
/// once per dead timeout, so that such a silence may begin before the window.
final class NoFalseDeath implements SideInvariant {
  private final Surroundings around;
  private final long declared;
  private final long declaredOfOutboundOnly;
  private final long standing;

  NoFalseDeath(Timing timing, Surroundings around) {
    this.around = around;
    long dead = timing.deadAfter().toNanos();
    long slack = 2 * timing.heartbeat().toNanos();
    this.declared = dead + slack;
    this.declaredOfOutboundOnly = 2 * dead + slack;
    this.standing = 4 * dead + 2 * slack;
  }

  @Override
  public void changed(int observer, int of, int life, MembershipEvent event) {
    if (event instanceof MembershipEvent.Died) {
      boolean direct = !around.outboundOnly(of);
      check(observer, of, life, direct ? declared : declaredOfOutboundOnly, "declares");
    }
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    if (member.state() == MemberState.DEAD) {
      check(observer, of, life, standing, "still holds");
    }
  }

  private void check(int observer, int of, int life, long bound, String what) {
    if (life != around.present(of)) {
      return;
    }
    long quiet = around.quietFor(observer, of);
    if (quiet > bound) {
      throw new InvariantBroken(
          this,
          "node %d %s node %d DEAD after %.3f quiet seconds"
              .formatted(observer + 1, what, of + 1, quiet / 1e9));
    }
  }
}
