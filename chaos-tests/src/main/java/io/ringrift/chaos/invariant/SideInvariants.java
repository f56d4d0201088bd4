package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.Timing;
import java.util.List;

/// All invariants of membership and gossip of one run, told in one call. One thread.
public final class SideInvariants implements SideInvariant {
  private final SideInvariant[] all;

  public SideInvariants(int members, Timing timing, Surroundings around) {
    this.all =
        new SideInvariant[] {
          new IncarnationNeverFalls(members),
          new OnlyTheOwnerRaises(members),
          new SuspicionComesFirst(members),
          new LeftIsSticky(members),
          new NoFalseDeath(timing, around),
          new CompletenessWithinABound(timing, around),
          new FactsNeverFall(members),
          new FactsAreTheOwners(members),
          new ViewsConverge(),
          new FactsConverge()
        };
  }

  @Override
  public void booted(int node, int life) {
    for (SideInvariant each : all) {
      each.booted(node, life);
    }
  }

  @Override
  public void stepped(int node, int life, Incarnation own) {
    for (SideInvariant each : all) {
      each.stepped(node, life, own);
    }
  }

  @Override
  public void leaves(int node, int life) {
    for (SideInvariant each : all) {
      each.leaves(node, life);
    }
  }

  @Override
  public void seen(int observer, int of, int life, Member member) {
    for (SideInvariant each : all) {
      each.seen(observer, of, life, member);
    }
  }

  @Override
  public void changed(int observer, int of, int life, MembershipEvent event) {
    for (SideInvariant each : all) {
      each.changed(observer, of, life, event);
    }
  }

  @Override
  public void published(int owner, int life, long counter, long content) {
    for (SideInvariant each : all) {
      each.published(owner, life, counter, content);
    }
  }

  @Override
  public void held(int holder, int owner, int life, long counter, long content) {
    for (SideInvariant each : all) {
      each.held(holder, owner, life, counter, content);
    }
  }

  @Override
  public void viewsHealed(List<String> missing) {
    for (SideInvariant each : all) {
      each.viewsHealed(missing);
    }
  }

  @Override
  public void factsHealed(List<String> missing) {
    for (SideInvariant each : all) {
      each.factsHealed(missing);
    }
  }
}
