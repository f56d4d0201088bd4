package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Who may vote and lead at a time: the voters of the start, and what the operator of a run made of
/// them. When in the time of such a fault the change came into force nobody knows, so that both
/// lists are possible then, and for a moment behind it.
final class VotersInForce {
  private static final String REMOVE = FaultKind.REMOVE_VOTER.word();
  private static final String ADD = FaultKind.ADD_VOTER.word();

  private VotersInForce() {}

  /// The lists that may have been in force.
  static List<Set<String>> at(RunEvidence run, long nanos) {
    var possible = new ArrayList<Set<String>>();
    possible.add(new LinkedHashSet<>(run.setting().voters()));
    for (FaultBand fault : run.faults()) {
      boolean changes = fault.name().equals(REMOVE) || fault.name().equals(ADD);
      if (!changes || fault.fromNanos() - Times.COARSE > nanos) {
        continue;
      }
      var next = new LinkedHashSet<>(possible.getLast());
      if (fault.name().equals(ADD)) {
        next.addAll(fault.targets());
      } else {
        next.removeAll(fault.targets());
      }
      // Without an effect it may have come all the same.
      if (!fault.effect().isEmpty() && fault.toNanos() + Times.SLACK < nanos) {
        possible.clear();
      }
      possible.add(next);
    }
    return possible;
  }

  static boolean mayLead(RunEvidence run, String node, long nanos) {
    return at(run, nanos).stream().anyMatch(voters -> voters.contains(node));
  }

  /// Whether these are a majority of a list that may have been in force.
  static boolean areMost(RunEvidence run, Set<String> nodes, long nanos) {
    return at(run, nanos).stream()
        .anyMatch(voters -> 2 * voters.stream().filter(nodes::contains).count() > voters.size());
  }
}
