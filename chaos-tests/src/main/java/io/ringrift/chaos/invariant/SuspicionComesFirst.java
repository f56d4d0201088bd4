package io.ringrift.chaos.invariant;

import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import java.util.Arrays;

/// A life is DEAD in a view only after that view held it SUSPECT, so that it could refute (SPEC
/// 2.8: ALIVE, SUSPECT, DEAD).
final class SuspicionComesFirst implements SideInvariant {
  private final MemberState[][] last;

  SuspicionComesFirst(int members) {
    last = new MemberState[members][members];
    for (MemberState[] row : last) {
      Arrays.fill(row, MemberState.ALIVE);
    }
  }

  @Override
  public void booted(int node, int life) {
    Arrays.fill(last[node], MemberState.ALIVE);
  }

  @Override
  public void changed(int observer, int of, int life, MembershipEvent event) {
    if (event instanceof MembershipEvent.Died && last[observer][of] != MemberState.SUSPECT) {
      throw new InvariantBroken(
          this,
          "node %d declares node %d dead that was %s"
              .formatted(observer + 1, of + 1, last[observer][of]));
    }
    last[observer][of] = event.member().state();
  }
}
