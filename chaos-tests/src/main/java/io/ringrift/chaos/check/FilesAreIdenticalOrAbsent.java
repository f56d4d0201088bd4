package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A file under its final name has the bytes that were offered, or is not there, at the end and
/// whenever it was looked at; what a sync was told to have arrived is there (RELIABILITY S1).
final class FilesAreIdenticalOrAbsent implements Check {
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
    for (NodeFinal node : run.finals()) {
      for (var source : run.sources().entrySet()) {
        String held = node.files().get(source.getKey());
        copies += held == null ? 0 : 1;
        if (held != null && !held.equalsIgnoreCase(source.getValue())) {
          findings.add(
              new Finding(
                  "%s at %s has SHA-256 %s, %s was offered"
                      .formatted(source.getKey(), node.node(), held, source.getValue()),
                  List.of(),
                  List.of(node.node()),
                  0,
                  0));
        }
      }
    }
    run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.OTHER_CONTENT))
        .forEach(event -> findings.add(half(event)));
    absent(run, findings);
    return copies == 0 && findings.isEmpty()
        ? Result.undecided(this, "files were offered and no node told a copy")
        : Result.of(this, copies + " copies of " + run.sources().size() + " files", findings);
  }

  private static Finding half(NodeEvent event) {
    return Finding.at(
        "%s: at %s, when its name was first seen, %s"
            .formatted(Times.text(event.atNanos()), event.node(), event.detail()),
        event.atNanos(),
        event.node());
  }

  private static void absent(RunEvidence run, List<Finding> findings) {
    for (Operation sync : run.history().operations()) {
      if (sync.kind() != Kind.SYNC || !sync.ok() || sync.node().isEmpty() || sync.key().isEmpty()) {
        continue;
      }
      run.finals().stream()
          .filter(node -> node.answered() && node.node().equals(sync.node()))
          .filter(node -> !node.files().containsKey(sync.key()))
          .forEach(
              node ->
                  findings.add(
                      Finding.of(
                          "%s was told to have arrived at %s and is not there:%n  %s"
                              .formatted(sync.key(), node.node(), sync),
                          List.of(sync))));
    }
  }
}
