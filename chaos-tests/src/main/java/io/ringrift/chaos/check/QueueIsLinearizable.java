package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import java.util.EnumSet;
import java.util.Set;

/// What changes an item, and its final state, follow one order that fits all clients' times
/// (RELIABILITY L2, L5; C.5 D1 by the final state).
final class QueueIsLinearizable implements Check {
  @Override
  public String source() {
    return "L2, L5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FINALS);
  }

  @Override
  public Result of(RunEvidence run) {
    return ItemSearch.run(
        this,
        run,
        o -> o.kind() != Kind.READ || o.number() == Items.FINAL,
        operations -> operations.stream().anyMatch(o -> o.number() != Items.FINAL));
  }
}
