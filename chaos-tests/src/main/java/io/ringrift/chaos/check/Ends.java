package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// How a run left its nodes.
final class Ends {
  /// What happens to a process.
  static final Set<String> PROCESS =
      Set.of("STARTED", "KILLED", "EXITED", "PAUSED", "RESUMED", "STOPPED", NodeEvent.REFUSED);

  /// What a run does to a node that then does not answer.
  static final Set<String> TAKEN = Set.of("KILLED", "STOPPED", "PAUSED", NodeEvent.REFUSED);

  private Ends() {}

  /// Nodes that the run itself took down and did not bring back.
  static Set<String> leftDown(RunEvidence run) {
    Map<String, String> last = new HashMap<>();
    for (NodeEvent event : run.events()) {
      boolean ended =
          event.kind().equals("EXITED") && TAKEN.contains(last.getOrDefault(event.node(), ""));
      if (PROCESS.contains(event.kind()) && !ended) {
        last.put(event.node(), event.kind());
      }
    }
    return last.entrySet().stream()
        .filter(each -> TAKEN.contains(each.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /// Final states of the log that has seen the greatest epoch: indexes of another log say nothing
  /// of it.
  static List<NodeFinal> newest(RunEvidence run) {
    List<NodeFinal> told = run.finals().stream().filter(NodeFinal::answered).toList();
    String log =
        told.stream()
            .max(Comparator.comparingLong(NodeFinal::epoch))
            .map(NodeFinal::log)
            .orElse("");
    return told.stream().filter(node -> node.log().equals(log)).toList();
  }
}
