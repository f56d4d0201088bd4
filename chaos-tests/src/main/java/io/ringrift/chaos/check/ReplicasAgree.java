package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// Voters that have applied the same prefix hold the same state (RELIABILITY D7, M7; Raft thesis,
/// section 3.6.3).
final class ReplicasAgree implements Check {
  @Override
  public String source() {
    return "D7, M7";
  }

  @Override
  public Result of(RunEvidence run) {
    List<NodeFinal> told =
        run.finals().stream().filter(n -> n.answered() && !n.stateHash().isEmpty()).toList();
    if (run.setting().voters().size() < 2) {
      return Result.notConcerned(this, "one voter has nobody to agree with");
    }
    if (told.size() < 2) {
      return told.isEmpty() && run.finals().isEmpty()
          ? Result.notConcerned(this, "the ground tells no final states")
          : Result.undecided(this, "fewer than two nodes told their state");
    }
    var findings = new ArrayList<Finding>();
    var byIndex = new HashMap<Long, NodeFinal>();
    int compared = 0;
    for (NodeFinal node : told) {
      NodeFinal other = byIndex.putIfAbsent(node.appliedIndex(), node);
      compared += other == null ? 0 : 1;
      if (other != null && !other.stateHash().equals(node.stateHash())) {
        findings.add(
            new Finding(
                "%s and %s have applied %d entries and differ: %s and %s"
                    .formatted(
                        other.node(),
                        node.node(),
                        node.appliedIndex(),
                        other.stateHash(),
                        node.stateHash()),
                List.of(),
                List.of(other.node(), node.node()),
                0,
                0));
      }
    }
    return compared == 0
        ? Result.undecided(this, "no two nodes told their state at the same index")
        : Result.of(this, told.size() + " states", findings);
  }
}
