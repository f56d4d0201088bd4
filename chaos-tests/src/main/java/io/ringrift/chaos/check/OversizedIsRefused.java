package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Whatever is far longer than a node takes is refused at each of its ports, and the port serves on
/// (RELIABILITY X3). A port that was not struck, or where nothing shows what became of it, proves
/// nothing.
final class OversizedIsRefused implements Check {
  private static final Set<String> TOLD =
      Set.of(NodeEvent.TOO_LONG_REFUSED, NodeEvent.TOO_LONG_TAKEN, NodeEvent.TOO_LONG_UNSEEN);

  @Override
  public String source() {
    return "X3";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.EVENTS);
  }

  @Override
  public Result of(RunEvidence run) {
    List<NodeEvent> told = run.events().stream().filter(e -> TOLD.contains(e.kind())).toList();
    if (told.isEmpty()) {
      return Result.notConcerned(this, "nothing was sent that is too long");
    }
    var findings = new ArrayList<Finding>();
    var open = new ArrayList<String>();
    var nodes = new TreeSet<String>();
    for (NodeEvent event : told) {
      nodes.add(event.node());
      if (event.kind().equals(NodeEvent.TOO_LONG_TAKEN)) {
        findings.add(
            Finding.at(
                "%s at %s: %s".formatted(event.node(), Times.text(event.atNanos()), event.detail()),
                event.atNanos(),
                event.node()));
      } else if (event.kind().equals(NodeEvent.TOO_LONG_UNSEEN)) {
        open.add(event.node() + " " + event.detail());
      }
    }
    for (String node : nodes) {
      ports(run).stream()
          .filter(port -> told.stream().noneMatch(e -> isAt(e, node, port)))
          .forEach(port -> open.add(node + " was not struck at its port " + port));
    }
    if (findings.isEmpty() && !open.isEmpty()) {
      return Result.undecided(this, String.join("; ", open));
    }
    return Result.of(
        this,
        "%d things that are too long at the ports %s of %s"
            .formatted(told.size(), String.join(", ", ports(run)), String.join(", ", nodes)),
        findings);
  }

  private static boolean isAt(NodeEvent event, String node, String port) {
    return event.node().equals(node) && event.detail().startsWith(port + ": ");
  }

  /// On which a voter of this run listens.
  private static List<String> ports(RunEvidence run) {
    var ports = new ArrayList<>(List.of("web"));
    if (!run.setting().consensus().equals("bully")) {
      ports.add("raft");
    }
    if (!run.setting().membership().equals("http")) {
      ports.add("swim");
    }
    return ports;
  }
}
