package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import java.util.ArrayList;
import java.util.List;

/// Nobody sees a greater incarnation of a life than its owner has made, nor a life that never began
/// (SPEC 2.8: only the member itself refutes).
final class OnlyTheOwnerRaises implements SideInvariant {
  private final List<List<Long>> made = new ArrayList<>();

  OnlyTheOwnerRaises(int members) {
    for (int i = 0; i < members; i++) {
      made.add(new ArrayList<>());
    }
  }

  @Override
  public void booted(int node, int life) {
    made.get(node).add(0L);
  }

  @Override
  public void stepped(int node, int life, Incarnation own) {
    if (made.get(node).get(life - 1) != own.value()) {
      made.get(node).set(life - 1, own.value());
    }
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    var lives = made.get(of);
    if (life > lives.size() || member.incarnation().value() > lives.get(life - 1)) {
      throw new InvariantBroken(
          this,
          "node %d sees life %d of node %d at incarnation %s, which that never made"
              .formatted(observer + 1, life, of + 1, member.incarnation()));
    }
  }
}
