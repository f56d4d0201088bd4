package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;

/// Within one life of a member, its incarnation falls neither at itself nor in anybody's view (SPEC
/// 2.8; SWIM, section 4.2).
final class IncarnationNeverFalls implements SideInvariant {
  private final int[][] lives;
  private final long[][] greatest;

  IncarnationNeverFalls(int members) {
    lives = new int[members][members];
    greatest = new long[members][members];
  }

  @Override
  public void booted(int node, int life) {
    lives[node] = new int[lives.length];
  }

  @Override
  public void stepped(int node, int life, Incarnation own) {
    check(node, node, life, own);
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    check(observer, of, life, member.incarnation());
  }

  private void check(int observer, int of, int life, Incarnation incarnation) {
    if (lives[observer][of] == life && incarnation.value() < greatest[observer][of]) {
      throw new InvariantBroken(
          this,
          "node %d saw incarnation %d of node %d fall to %s"
              .formatted(observer + 1, greatest[observer][of], of + 1, incarnation));
    }
    lives[observer][of] = life;
    greatest[observer][of] = incarnation.value();
  }
}
