package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;

/// Only a life that said goodbye is seen LEFT, and whoever saw it LEFT never sees that life
/// otherwise (SPEC 2.4 and 2.8; LEFT is voluntary).
final class LeftIsSticky implements SideInvariant {
  private final int[] goodbyes;
  private final int[][] seenLeft;

  LeftIsSticky(int members) {
    goodbyes = new int[members];
    seenLeft = new int[members][members];
  }

  @Override
  public void booted(int node, int life) {
    seenLeft[node] = new int[goodbyes.length];
  }

  @Override
  public void leaves(int node, int life) {
    goodbyes[node] = life;
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    boolean left = member.state() == MemberState.LEFT;
    if (left && life > goodbyes[of]) {
      throw new InvariantBroken(
          this, "node %d sees node %d LEFT, which never left".formatted(observer + 1, of + 1));
    }
    if (!left && life == seenLeft[observer][of]) {
      throw new InvariantBroken(
          this,
          "node %d sees node %d %s again in the life that left"
              .formatted(observer + 1, of + 1, member.state()));
    }
    if (left) {
      seenLeft[observer][of] = life;
    }
  }
}
