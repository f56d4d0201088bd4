package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What checkers of audit streams have in common.
final class Audits {
  static final String NONE = "no audit of any node was read";
  private static final String BULLY = "bully";
  private static final Set<String> REAL = Set.of("process", "netns");
  private static final String FULL_DISK = FaultKind.FULL_DISK.word();

  private Audits() {}

  /// The result, but for a voter that answered at the end and of whose audit no record was read:
  /// lost evidence is not the same as nothing to look at. Only real nodes have an audit each.
  static Result whole(Check check, RunEvidence run, Result result) {
    Set<String> read =
        run.audit().stream()
            .filter(record -> !record.kind().equals(AuditRecord.GAP))
            .map(AuditRecord::node)
            .collect(Collectors.toSet());
    List<String> unread =
        run.finals().stream()
            .filter(last -> REAL.contains(run.setting().ground()) && last.answered())
            .map(NodeFinal::node)
            .filter(node -> run.setting().voters().contains(node) && !read.contains(node))
            .toList();
    return unread.isEmpty() || result.status() == Status.VIOLATED
        ? result
        : Result.undecided(
            check,
            "no record of the audit of %s was read: see whether audit.jsonl is written; %s"
                .formatted(String.join(", ", unread), result.evidence()));
  }

  static Stream<AuditRecord> of(RunEvidence run, String kind) {
    return run.audit().stream().filter(record -> record.kind().equals(kind));
  }

  /// Whether records of that node are missing, or were perhaps never read.
  static boolean lacks(RunEvidence run, String node) {
    List<AuditRecord> own = run.audit().stream().filter(r -> r.node().equals(node)).toList();
    return own.isEmpty() || own.stream().anyMatch(r -> r.kind().equals(AuditRecord.GAP));
  }

  /// Whether the node could not write its records then: its disk was full, and until it starts
  /// again those of the rest of that life may be missing too, with no number behind them.
  static boolean full(RunEvidence run, String node, long at) {
    return run.faults().stream()
        .filter(band -> band.name().equals(FULL_DISK) && band.targets().contains(node))
        .anyMatch(
            band ->
                at >= band.fromNanos() - Times.COARSE && at <= writes(run, node, band.toNanos()));
  }

  private static long writes(RunEvidence run, String node, long from) {
    return of(run, "boot")
        .filter(boot -> boot.node().equals(node) && boot.atNanos() >= from)
        .mapToLong(AuditRecord::atNanos)
        .min()
        .orElse(from + Times.SLACK);
  }

  /// Whether the node's votes of that time are in its audit: those of Raft are in the library's own
  /// files.
  static boolean votes(RunEvidence run, AuditRecord at) {
    List<AuditRecord> changes =
        run.audit().stream()
            .filter(r -> r.kind().equals("carried-over") || r.kind().equals("turned-back"))
            .filter(r -> r.node().equals(at.node()) && r.atNanos() <= at.atNanos())
            .toList();
    return changes.isEmpty()
        ? run.setting().consensus().equals(BULLY)
        : changes.getLast().detail("to").equals(BULLY);
  }

  /// The event by which the node lost what it knew, between two times.
  static Optional<String> forgot(RunEvidence run, String node, long from, long to) {
    return run.events().stream()
        .filter(event -> event.node().equals(node) && EpochsNeverFall.ANEW.contains(event.kind()))
        .filter(event -> event.atNanos() >= from && event.atNanos() <= to)
        .map(event -> event.kind())
        .findFirst();
  }
}
