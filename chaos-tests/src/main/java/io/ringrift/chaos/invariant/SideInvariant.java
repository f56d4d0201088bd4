package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MembershipEvent;
import java.util.List;

/// One property of membership or gossip that must hold after every event. Told of what happened, it
/// throws `InvariantBroken` at the first event that breaks it. One thread.
///
/// A life is the number of a process start of one node, from 1; it stands for the boot id.
public interface SideInvariant extends Named {
  /// A process started.
  default void booted(int node, int life) {}

  /// A node handled one input; its own incarnation.
  default void stepped(int node, int life, Incarnation own) {}

  /// A node says goodbye.
  default void leaves(int node, int life) {}

  /// A row of an observer's view, told at each tick and behind each change.
  default void seen(int observer, int of, int life, Member member) {}

  /// An observer's view changed.
  default void changed(int observer, int of, int life, MembershipEvent event) {}

  /// An owner made the next version of its fact.
  default void published(int owner, int life, long counter, long content) {}

  /// A fact that a holder holds.
  default void held(int holder, int owner, int life, long counter, long content) {}

  /// Faults were removed; what the views still lack behind the bound; empty when nothing.
  default void viewsHealed(List<String> missing) {}

  /// Faults were removed; what the facts still lack behind the bound; empty when nothing.
  default void factsHealed(List<String> missing) {}
}
