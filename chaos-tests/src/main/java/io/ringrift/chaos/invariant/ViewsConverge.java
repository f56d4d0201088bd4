package io.ringrift.chaos.invariant;

import java.util.List;

/// Once faults are gone, all live nodes see all live nodes ALIVE in their present boot and
/// incarnation, within a bound (RELIABILITY M7).
final class ViewsConverge implements SideInvariant {
  @Override
  public void viewsHealed(List<String> missing) {
    if (!missing.isEmpty()) {
      throw new InvariantBroken(this, String.join("; ", missing));
    }
  }
}
