package io.ringrift.kernel;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Refuses orders of a lesser epoch than the greatest known here: from orders, from this node's own
/// promise as a voter, and from what consensus says about who leads. One gate per node; safe for
/// any thread. A greater epoch is handed to `remember` before the order is admitted, so that a
/// restart does not forget it.
///
/// An epoch has one leader: where it is known, orders of that epoch are taken from it alone, and
/// where it is not, from voters alone. Names are not proved here; a bearer token does that.
///
/// An epoch that only an order names is believed up to a bound: one absurd number, kept for good,
/// would make this node refuse every leader to come.
public final class FenceGate {
  /// How far an order may be ahead of consensus. A node that missed as many elections learns of
  /// them from the voters first.
  static final long MOST_AHEAD = 1024;

  private final Epoch start;
  private final AtomicReference<Epoch> greatest;
  private final Consumer<Epoch> remember;
  private final Knowledge knowledge;

  /// What this node knows of leadership without any order. Asked at every order, so that a promise
  /// counts from the moment it is made.
  public interface Knowledge {
    /// Knows nothing and believes every node: for tests of what is behind the gate.
    Knowledge NONE =
        new Knowledge() {
          @Override
          public Epoch greatest() {
            return Epoch.ZERO;
          }

          @Override
          public boolean mayLead(NodeId node) {
            return true;
          }

          @Override
          public Optional<NodeId> leader(Epoch epoch) {
            return Optional.empty();
          }
        };

    /// Greatest epoch that this node promised or was told of.
    Epoch greatest();

    /// Whether the node is a configured voter.
    boolean mayLead(NodeId node);

    /// Who leads in that epoch; empty when that is not known here.
    Optional<NodeId> leader(Epoch epoch);
  }

  /// @param start greatest epoch known from before the restart
  /// @param remember makes a greater epoch durable; called under no lock, may be called twice for
  ///   one epoch, blocks the order until it returns
  public FenceGate(Epoch start, Consumer<Epoch> remember, Knowledge knowledge) {
    this.start = start;
    this.greatest = new AtomicReference<>(start);
    this.remember = remember;
    this.knowledge = knowledge;
  }

  /// Admits the order or refuses it.
  ///
  /// @throws Refusal STALE_EPOCH naming the current epoch; INVALID_ARGUMENT, and nothing is
  ///   remembered, for a greater epoch that no leader of this cluster can have, and for a sender
  ///   that does not lead in the present one
  public void admit(Fence fence) {
    learn(knowledge.greatest());
    checkPlausible(fence);
    learn(fence.epoch());
    if (fence.epoch().isBefore(greatest.get())) {
      throw new Refusal(
              Reason.STALE_EPOCH,
              "order of epoch "
                  + fence.epoch()
                  + " from "
                  + fence.leader()
                  + " refused: epoch "
                  + greatest.get()
                  + " is known here; the sender must step down and ask who leads")
          .with("current_epoch", greatest.get().toString());
    }
  }

  private void checkPlausible(Fence fence) {
    if (fence.epoch().isBefore(greatest.get())) {
      return;
    }
    Optional<NodeId> leader = knowledge.leader(fence.epoch());
    if (leader.isPresent()) {
      requireLeader(leader.get(), fence);
      return;
    }
    if (!knowledge.mayLead(fence.leader())) {
      throw Refusal.invalid("fence.leader_id", fence.leader().value(), "a configured voter");
    }
    // Orders do not count: small steps would lead as far as a great one.
    Epoch known = start.max(knowledge.greatest());
    if (fence.epoch().value() - known.value() > MOST_AHEAD) {
      throw Refusal.invalid(
          "fence.epoch",
          fence.epoch().toString(),
          "at most "
              + MOST_AHEAD
              + " beyond epoch "
              + known
              + ", the greatest that consensus told here");
    }
  }

  private static void requireLeader(NodeId leader, Fence fence) {
    if (!leader.equals(fence.leader())) {
      throw Refusal.invalid(
          "fence.leader_id",
          fence.leader().value(),
          leader + ", which leads in epoch " + fence.epoch());
    }
  }

  /// Takes over an epoch that consensus is known to have reached.
  public void learn(Epoch epoch) {
    if (epoch.isAfter(greatest.get())) {
      remember.accept(epoch);
      greatest.accumulateAndGet(epoch, Epoch::max);
    }
  }

  /// Greatest epoch known.
  public Epoch greatest() {
    return greatest.get().max(knowledge.greatest());
  }
}
