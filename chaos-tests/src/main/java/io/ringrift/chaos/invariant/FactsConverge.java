package io.ringrift.chaos.invariant;

import java.util.List;

/// Once faults are gone, all live nodes hold the newest fact of every live owner, within a bound
/// (SPEC 4.2; RELIABILITY M7 for the views that gossip rests on).
final class FactsConverge implements SideInvariant {
  @Override
  public void factsHealed(List<String> missing) {
    if (!missing.isEmpty()) {
      throw new InvariantBroken(this, String.join("; ", missing));
    }
  }
}
