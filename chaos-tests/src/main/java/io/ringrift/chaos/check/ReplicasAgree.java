package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Voters that have applied the same prefix of the newest log hold the same state (RELIABILITY D7,
/// M7; Raft thesis, section 3.6.3). A voter that nobody else can be compared with proves nothing.
final class ReplicasAgree implements Check {
  @Override
  public String source() {
    return "D7, M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FINALS, Part.EVENTS);
  }

  @Override
  public Result of(RunEvidence run) {
    if (run.setting().voters().size() < 2) {
      return Result.notConcerned(this, "one voter has nobody to agree with");
    }
    if (run.finals().isEmpty()) {
      return Result.notConcerned(this, "the ground tells no final states");
    }
    List<NodeFinal> told =
        Ends.newest(run).stream().filter(node -> !node.stateHash().isEmpty()).toList();
    var findings = new ArrayList<Finding>();
    var byIndex = new HashMap<Long, NodeFinal>();
    Set<String> compared = new HashSet<>();
    for (NodeFinal node : told) {
      NodeFinal other = byIndex.putIfAbsent(node.appliedIndex(), node);
      if (other != null) {
        compared.addAll(List.of(other.node(), node.node()));
        if (!other.stateHash().equals(node.stateHash())) {
          findings.add(differ(other, node));
        }
      }
    }
    var alone = new ArrayList<>(run.setting().voters());
    alone.removeAll(compared);
    alone.removeAll(Ends.leftDown(run));
    if (findings.isEmpty() && (compared.isEmpty() || !alone.isEmpty())) {
      return Result.undecided(
          this,
          "nobody told the state of the newest log at the index of " + String.join(", ", alone));
    }
    return Result.of(this, told.size() + " states", findings);
  }

  private static Finding differ(NodeFinal former, NodeFinal later) {
    return new Finding(
        "%s and %s have applied %d entries and differ: %s and %s"
            .formatted(
                former.node(),
                later.node(),
                former.appliedIndex(),
                former.stateHash(),
                later.stateHash()),
        List.of(),
        List.of(former.node(), later.node()),
        0,
        0);
  }
}
