package io.ringrift.chaos.invariant;

import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.BitSet;

/// A command that was refused as not written is executed nowhere, ever (`Ledger.propose`: anything
/// else is OUTCOME_UNKNOWN).
final class RefusedIsNeverDone implements Invariant {
  private final BitSet refused = new BitSet();
  private final BitSet executed = new BitSet();

  @Override
  public void unwritten(long command) {
    refused.set((int) command);
    check(command);
  }

  @Override
  public void committed(int node, LogPosition position, long content, String stateHash) {
    if (content > 0) {
      executed.set((int) content);
      check(content);
    }
  }

  private void check(long command) {
    if (refused.get((int) command) && executed.get((int) command)) {
      throw new InvariantBroken(
          this, "command " + command + " was refused as not written, and is executed");
    }
  }
}
