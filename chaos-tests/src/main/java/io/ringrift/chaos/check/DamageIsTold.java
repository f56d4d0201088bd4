package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A node that is started over files with flipped bits names what is damaged in its audit stream;
/// over a log of Raft it does not start, and says what to do (RELIABILITY D6). Snapshots and the
/// node's own database are not read as a whole by every start: what is told of them is counted, and
/// silence accuses nobody. Each file of a data root that rotted is taken away when the node
/// verifies its files. One that shows nothing in the time that it has is neither accused nor
/// acquitted.
final class DamageIsTold implements Check {
  /// What is done at the end of a run that broke off starts it behind the damage.
  private static final Set<String> DAMAGES = Set.of(NodeEvent.DAMAGED, NodeEvent.ROTTED);

  /// Read as a whole by every start.
  private static final Set<String> READ = Set.of("log", "raft-log", "cluster");

  /// It answers when it has read them.
  private static final Set<String> AT_START = Set.of("log", "cluster");

  private static final String UNTOLD = "and told nothing of it when it was started again";
  private static final String KEPT = "and did not take it away when it was to verify its files";
  private static final String REFUSES = "raft-log";

  @Override
  public String source() {
    return "D6, S1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.EVENTS, Part.AUDIT, Part.SAMPLES);
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
    int silent = 0;
    for (NodeEvent event : run.events()) {
      if (!DAMAGES.contains(event.kind())) {
        continue;
      }
      boolean rotted = event.kind().equals(NodeEvent.ROTTED);
      List<String> words = rotted ? takenAway(run, event) : words(run, event);
      damaged++;
      told += words.isEmpty() ? 0 : 1;
      boolean must = words.isEmpty() && (rotted || READ.contains(event.detail()));
      if (silent(run, event) && (words.isEmpty() || !rotted)) {
        silent++;
      } else if (must && unheard(run, event)) {
        silent++;
      } else if (must) {
        findings.add(found(event, rotted ? KEPT : UNTOLD));
      }
      if (event.detail().equals(REFUSES) && !silent(run, event)) {
        refused(run, event, words, findings);
      }
    }
    if (damaged == 0) {
      return Result.notConcerned(this, "no file was damaged");
    }
    String evidence = "damage told at %d of %d places".formatted(told, damaged);
    if (told == 0 && silent == 0 && findings.isEmpty()) {
      return Result.notConcerned(this, evidence + ", and none of it had to be");
    }
    return silent > 0 && findings.isEmpty()
        ? Result.undecided(this, evidence + "; at " + silent + " the node showed nothing in time")
        : Result.of(this, evidence, findings);
  }

  /// @return its path, if it was taken away
  private static List<String> takenAway(RunEvidence run, NodeEvent rot) {
    return run.events().stream()
        .filter(event -> event.kind().equals(NodeEvent.QUARANTINED))
        .filter(event -> event.node().equals(rot.node()) && event.atNanos() > rot.atNanos())
        .map(NodeEvent::detail)
        .filter(rot.detail()::equals)
        .toList();
  }

  /// Whether it may have told what nobody read, or had no time to tell it.
  private static boolean unheard(RunEvidence run, NodeEvent damage) {
    if (!run.failure().isEmpty()) {
      return true;
    }
    boolean answers = after(run, damage, "STARTED").anyMatch(start -> answered(run, start));
    return !damage.kind().equals(NodeEvent.ROTTED)
        && (Audits.lacks(run, damage.node()) || (AT_START.contains(damage.detail()) && !answers));
  }

  private static boolean answered(RunEvidence run, NodeEvent start) {
    return run.samples().stream()
        .filter(sample -> sample.node().equals(start.node()) && sample.answered())
        .anyMatch(sample -> sample.atNanos() > start.atNanos());
  }

  private static boolean silent(RunEvidence run, NodeEvent damage) {
    String over = damage.kind().equals(NodeEvent.ROTTED) ? NodeEvent.DATA : damage.detail();
    return behind(run, damage).stream()
        .anyMatch(event -> event.kind().equals(NodeEvent.SILENT) && event.detail().equals(over));
  }

  private static void refused(
      RunEvidence run, NodeEvent damage, List<String> words, List<Finding> findings) {
    boolean down = after(run, damage, NodeEvent.REFUSED).findAny().isPresent();
    boolean early =
        !run.failure().isEmpty()
            && after(run, damage, "STARTED")
                .noneMatch(start -> start.detail().equals(NodeEvent.OVER_DAMAGE));
    if (!down && !early) {
      findings.add(found(damage, "and was started all the same"));
    } else if (down && !words.isEmpty() && words.stream().noneMatch(DamageIsTold::helps)) {
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

  private static Stream<NodeEvent> after(RunEvidence run, NodeEvent damage, String kind) {
    return behind(run, damage).stream().filter(event -> event.kind().equals(kind));
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
