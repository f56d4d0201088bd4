package io.ringrift.chaos.invariant;

import java.util.List;

/// Once faults are gone there is one leader that all name, a fresh command is done, and all states
/// are equal, within a bound (RELIABILITY E, the liveness phase; DESIGN 10).
final class HealsWithinABound implements Invariant {
  @Override
  public void healed(List<String> missing) {
    if (!missing.isEmpty()) {
      throw new InvariantBroken(this, String.join("; ", missing));
    }
  }
}
