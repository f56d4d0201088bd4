package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A linearizable read shows what was acknowledged before it began, through whatever node
/// (RELIABILITY L1, L4, F5). Items whose changes alone have no order are told by
/// `QueueIsLinearizable` too.
final class ReadsAreLinearizable implements Check {
  @Override
  public String source() {
    return "L1, L4, F5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FINALS);
  }

  @Override
  public Result of(RunEvidence run) {
    return ItemSearch.run(this, run, _ -> true, ReadsAreLinearizable::read);
  }

  private static boolean read(List<Operation> operations) {
    return operations.stream().anyMatch(o -> o.kind() == Kind.READ && o.number() != Items.FINAL);
  }
}
