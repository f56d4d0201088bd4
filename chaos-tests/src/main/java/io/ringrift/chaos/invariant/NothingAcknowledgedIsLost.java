package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// A command that a client was told is done is in the state of every later leader when its duties
/// open, and in every state in the end (RELIABILITY D1; Raft thesis, figure 3.2, Leader
/// Completeness). Later is who leads in a greater epoch: one that stood still between its decision
/// to open its duties and the opening knows nothing of those that came behind it.
final class NothingAcknowledgedIsLost implements Invariant {
  private final BitSet acknowledged;
  private final Map<Integer, Epoch> leads = new HashMap<>();
  private final NavigableMap<Epoch, BitSet> byEpoch = new TreeMap<>();

  NothingAcknowledgedIsLost(BitSet acknowledged) {
    this.acknowledged = acknowledged;
  }

  @Override
  public void acknowledged(int node, long command, LogPosition position) {
    acknowledged.set((int) command);
    Epoch epoch = position.epoch().max(leads.getOrDefault(node, Epoch.ZERO));
    byEpoch.computeIfAbsent(epoch, _ -> new BitSet()).set((int) command);
  }

  @Override
  public void dutiesOpened(int node, Epoch epoch, BitSet applied) {
    leads.put(node, epoch);
    var before = (BitSet) acknowledged.clone();
    byEpoch.tailMap(epoch, true).values().forEach(before::andNot);
    includesAll(before, applied, "node " + (node + 1) + " opens the duties of epoch " + epoch);
  }

  /// Behind a snapshot a voter cannot know which of its entries the snapshot includes, and may give
  /// up more than was lost.
  @Override
  public void dropped(int node, LogPosition position, long command, BitSet applied) {
    if (acknowledged.get((int) command) && !applied.get((int) command)) {
      throw new InvariantBroken(
          this,
          "node %d drops acknowledged command %d at %s".formatted(node + 1, command, position));
    }
  }

  @Override
  public void finished(List<BitSet> applied) {
    for (int node = 0; node < applied.size(); node++) {
      includesAll(acknowledged, applied.get(node), "node " + (node + 1) + " ends");
    }
  }

  private void includesAll(BitSet expected, BitSet applied, String who) {
    var missing = (BitSet) expected.clone();
    missing.andNot(applied);
    if (!missing.isEmpty()) {
      throw new InvariantBroken(this, who + " without acknowledged commands " + missing);
    }
  }
}
