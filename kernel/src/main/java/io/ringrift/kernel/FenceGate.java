package io.ringrift.kernel;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// Remembers the greatest epoch seen and refuses orders of a lesser one. One gate per node; safe
/// for any thread. A greater epoch is handed to `remember` before the order is admitted, so that a
/// restart does not forget it.
public final class FenceGate {
  private final AtomicReference<Epoch> greatest;
  private final Consumer<Epoch> remember;

  /// @param start greatest epoch known from before the restart
  /// @param remember makes a greater epoch durable; called under no lock, may be called twice for
  ///   one epoch, blocks the order until it returns
  public FenceGate(Epoch start, Consumer<Epoch> remember) {
    this.greatest = new AtomicReference<>(start);
    this.remember = remember;
  }

  /// Admits the order or refuses it.
  ///
  /// @throws Refusal STALE_EPOCH naming the current epoch
  public void admit(Fence fence) {
    if (!admits(fence.epoch())) {
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

  /// Whether an order of this epoch may be obeyed now.
  public boolean admits(Epoch claimed) {
    Epoch seen = greatest.get();
    if (claimed.isAfter(seen)) {
      remember.accept(claimed);
      seen = greatest.accumulateAndGet(claimed, Epoch::max);
    }
    return !claimed.isBefore(seen);
  }

  /// Greatest epoch seen.
  public Epoch greatest() {
    return greatest.get();
  }
}
