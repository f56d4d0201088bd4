package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Source;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A file under its final name has the bytes that were offered, or is not there, at the end and
/// whenever it was looked at; what a sync was told to have arrived is there, unless it rotted there
/// since (RELIABILITY S1). A run in which nothing was moved shows nothing of sync.
final class FilesAreIdenticalOrAbsent implements Check {
  private static final Set<String> OF_ROT = Set.of(NodeEvent.ROTTED, NodeEvent.QUARANTINED);

  @Override
  public String source() {
    return "S1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FINALS, Part.SOURCES, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    if (run.sources().isEmpty()) {
      return Result.notConcerned(this, "no file was offered");
    }
    var findings = new ArrayList<Finding>();
    int copies = 0;
    int rotten = 0;
    for (NodeFinal node : run.finals()) {
      for (var source : run.sources().entrySet()) {
        String held = node.files().get(source.getKey());
        Source offered = source.getValue();
        copies += held == null || node.node().equals(offered.origin()) ? 0 : 1;
        if (held == null || held.equalsIgnoreCase(offered.sha256())) {
          continue;
        }
        if (rotten(run, node.node(), source.getKey(), Long.MAX_VALUE)) {
          rotten++;
        } else {
          findings.add(other(node, source.getKey(), held, offered));
        }
      }
    }
    run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.OTHER_CONTENT))
        .filter(event -> !rotten(run, event))
        .forEach(event -> findings.add(half(event)));
    absent(run, findings);
    if (findings.isEmpty() && rotten > 0) {
      return Result.undecided(
          this, rotten + " files rotted and are still there at the end: DamageIsTold judges that");
    }
    if (!findings.isEmpty() || copies > 0) {
      return Result.of(this, copies + " copies of " + run.sources().size() + " files", findings);
    }
    return run.setting().nodes().size() < 2
        ? Result.notConcerned(this, "one node has nobody to copy to")
        : Result.undecided(
            this, "files were offered and no node told a copy that came from another");
  }

  private static Finding other(NodeFinal node, String path, String held, Source offered) {
    return new Finding(
        "%s at %s has SHA-256 %s, %s was offered"
            .formatted(path, node.node(), held, offered.sha256()),
        List.of(),
        List.of(node.node()),
        0,
        0);
  }

  private static Finding half(NodeEvent event) {
    return Finding.at(
        "%s: at %s, when its name was first seen, %s"
            .formatted(Times.text(event.atNanos()), event.node(), event.detail()),
        event.atNanos(),
        event.node());
  }

  /// A file that was fetched by its name, and each copy that a sync run planned and told as moved.
  /// A run does not promise more: its plan does not know who was held for dead, did not tell its
  /// files, or has no room.
  private static void absent(RunEvidence run, List<Finding> findings) {
    for (Operation sync : run.history().operations()) {
      if (sync.kind() == Kind.SYNC
          && sync.ok()
          && lacks(run, sync.node(), sync.key())
          && !rotted(run, sync.node(), sync.key(), sync.invokedNanos())) {
        findings.add(
            Finding.of(
                "%s was told to have arrived at %s and is not there:%n  %s"
                    .formatted(sync.key(), sync.node(), sync),
                List.of(sync)));
      }
    }
    run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.ARRIVED))
        .filter(event -> lacks(run, event.node(), event.detail()))
        .filter(event -> !rotted(run, event.node(), event.detail(), event.atNanos()))
        .forEach(
            event ->
                findings.add(
                    Finding.at(
                        "%s was told at %s to have arrived at %s by a sync run and is not there"
                            .formatted(event.detail(), Times.text(event.atNanos()), event.node()),
                        event.atNanos(),
                        event.node())));
  }

  /// Whether the run damaged that file there behind that time: a node that verifies takes it away.
  private static boolean rotted(RunEvidence run, String node, String path, long since) {
    return run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.ROTTED) && event.atNanos() >= since)
        .anyMatch(event -> event.node().equals(node) && event.detail().equals(path));
  }

  /// Whether the run damaged that file there before that time, and the node did not take it away
  /// since.
  private static boolean rotten(RunEvidence run, String node, String path, long at) {
    return run.events().stream()
        .filter(event -> event.node().equals(node) && event.detail().equals(path))
        .filter(event -> event.atNanos() <= at && OF_ROT.contains(event.kind()))
        .reduce((_, last) -> last)
        .filter(last -> last.kind().equals(NodeEvent.ROTTED))
        .isPresent();
  }

  /// It is told that a file rotted when that is done.
  private static boolean rotten(RunEvidence run, NodeEvent seen) {
    return run.sources().keySet().stream()
        .filter(path -> seen.detail().startsWith(path + " "))
        .anyMatch(path -> rotten(run, seen.node(), path, seen.atNanos() + Times.COARSE));
  }

  /// Only who answers and whose files could be read lacks one.
  private static boolean lacks(RunEvidence run, String node, String path) {
    return !path.isEmpty()
        && run.finals().stream()
            .filter(last -> last.answered() && last.filesTold() && last.node().equals(node))
            .anyMatch(last -> !last.files().containsKey(path));
  }
}
