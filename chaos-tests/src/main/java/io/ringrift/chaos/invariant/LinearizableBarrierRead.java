package io.ringrift.chaos.invariant;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// A barrier read sees every command acknowledged before it began (RELIABILITY L1; Raft thesis,
/// section 6.4).
final class LinearizableBarrierRead implements Invariant {
  private final BitSet acknowledged;
  private final Map<Long, BitSet> expected = new HashMap<>();

  /// @param acknowledged kept up to date by `NothingAcknowledgedIsLost`
  LinearizableBarrierRead(BitSet acknowledged) {
    this.acknowledged = acknowledged;
  }

  @Override
  public void readBegan(long ticket) {
    expected.put(ticket, (BitSet) acknowledged.clone());
  }

  @Override
  public void readServed(int node, long ticket, BitSet applied) {
    BitSet missing = expected.remove(ticket);
    if (missing == null) {
      throw new InvariantBroken(this, "read " + ticket + " is served without having begun");
    }
    missing.andNot(applied);
    if (!missing.isEmpty()) {
      throw new InvariantBroken(
          this, "read %d at node %d does not see %s".formatted(ticket, node + 1, missing));
    }
  }

  @Override
  public void readEnded(long ticket) {
    expected.remove(ticket);
  }
}
