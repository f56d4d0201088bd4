package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A node that is started over files with flipped bits names what is damaged in its audit stream;
/// over a log of Raft it does not start, and says what to do (RELIABILITY D6). Other files are not
/// read by every start: what is told of them is counted, and silence accuses nobody. Each file of a
/// data root that rotted is taken away when the node verifies its files.
final class DamageIsTold implements Check {
  /// Read as a whole by every start.
  private static final Set<String> READ = Set.of("log", "raft-log");

  private static final String REFUSES = "raft-log";

  @Override
  public String source() {
    return "D6, S1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.EVENTS, Part.AUDIT);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    int damaged = 0;
    int told = 0;
    for (NodeEvent event : run.events()) {
      if (event.kind().equals(NodeEvent.ROTTED)) {
        damaged++;
        boolean taken = takenAway(run, event);
        told += taken ? 1 : 0;
        if (!taken) {
          findings.add(found(event, "and did not take it away when it was to verify its files"));
        }
      } else if (event.kind().equals(NodeEvent.DAMAGED)) {
        damaged++;
        List<String> words = words(run, event);
        told += words.isEmpty() ? 0 : 1;
        if (words.isEmpty() && READ.contains(event.detail())) {
          findings.add(found(event, "and told nothing of it when it was started again"));
        }
        if (event.detail().equals(REFUSES)) {
          refused(run, event, words, findings);
        }
      }
    }
    return damaged == 0
        ? Result.notConcerned(this, "no file was damaged")
        : Result.of(this, "damage told at %d of %d places".formatted(told, damaged), findings);
  }

  private static boolean takenAway(RunEvidence run, NodeEvent rot) {
    return run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.QUARANTINED))
        .filter(event -> event.node().equals(rot.node()) && event.atNanos() > rot.atNanos())
        .anyMatch(event -> event.detail().equals(rot.detail()));
  }

  private static void refused(
      RunEvidence run, NodeEvent damage, List<String> words, List<Finding> findings) {
    boolean down =
        behind(run, damage).stream().anyMatch(event -> event.kind().equals(NodeEvent.REFUSED));
    if (!down) {
      findings.add(found(damage, "and was started all the same"));
    } else if (!words.isEmpty() && words.stream().noneMatch(DamageIsTold::helps)) {
      findings.add(found(damage, "and told neither file nor remedy: " + words.getFirst()));
    }
  }

  private static boolean helps(String words) {
    return words.contains("log_") && words.contains("move that folder aside");
  }

  /// What happened to that node until it was damaged again.
  private static List<NodeEvent> behind(RunEvidence run, NodeEvent damage) {
    return run.events().stream()
        .filter(event -> event.node().equals(damage.node()) && event.atNanos() > damage.atNanos())
        .takeWhile(event -> !event.kind().equals(NodeEvent.DAMAGED))
        .toList();
  }

  private static List<String> words(RunEvidence run, NodeEvent damage) {
    long until =
        run.events().stream()
            .filter(event -> event.kind().equals(NodeEvent.DAMAGED))
            .filter(event -> event.node().equals(damage.node()))
            .mapToLong(NodeEvent::atNanos)
            .filter(at -> at > damage.atNanos())
            .min()
            .orElse(Long.MAX_VALUE);
    return run.audit().stream()
        .filter(entry -> entry.kind().equals(AuditRecord.CORRUPT_FOUND))
        .filter(entry -> entry.node().equals(damage.node()))
        .filter(entry -> entry.atNanos() >= damage.atNanos() && entry.atNanos() < until)
        .map(entry -> entry.detail("what"))
        .toList();
  }

  private static Finding found(NodeEvent damage, String what) {
    return Finding.at(
        "%s had flipped bits in its %s at %s, %s"
            .formatted(damage.node(), damage.detail(), Times.text(damage.atNanos()), what),
        damage.atNanos(),
        damage.node());
  }
}
