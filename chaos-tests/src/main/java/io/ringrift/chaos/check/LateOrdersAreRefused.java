package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An order of a leader that was deposed takes no effect at a node that wrote down a later epoch
/// before, and whose order was refused as stale holds that office no more once another was elected
/// behind it (RELIABILITY F1, F2). Where no such order came anywhere, nothing is shown, and that is
/// told; where the scenario says `late_order`, it is undecided then. A record is written behind its
/// decision, so two seconds in which the node ran are allowed between them.
final class LateOrdersAreRefused implements Check {
  private static final Set<String> SEEN =
      Set.of("boot", "epoch-seen", "vote-granted", "elected", "effect-accepted");

  @Override
  public String source() {
    return "F1, F2";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.AUDIT, Part.FINALS, Part.EVENTS);
  }

  @Override
  public Result of(RunEvidence run) {
    return Audits.whole(this, run, judged(run));
  }

  private Result judged(RunEvidence run) {
    if (run.audit().isEmpty()) {
      return Result.notConcerned(this, Audits.NONE);
    }
    var findings = new ArrayList<Finding>();
    int accepted = obeyed(run, findings);
    List<AuditRecord> refused =
        Audits.of(run, "effect-rejected")
            .filter(record -> record.detail("reason").equals("STALE_EPOCH"))
            .toList();
    stayed(run, refused, findings);
    if (!refused.isEmpty() || !findings.isEmpty()) {
      return Result.of(
          this, accepted + " orders obeyed, " + refused.size() + " late ones refused", findings);
    }
    String nothing =
        "no order of a deposed leader came to any node, so nothing is shown; of the newest"
            + " epoch known there came "
            + accepted;
    return run.expectations().lateOrder()
        ? Result.undecided(this, nothing)
        : Result.notConcerned(this, nothing);
  }

  /// @return orders that were obeyed, late or not
  private static int obeyed(RunEvidence run, List<Finding> findings) {
    int accepted = 0;
    var known = new HashMap<String, AuditRecord>();
    for (AuditRecord record : run.audit()) {
      AuditRecord before = known.get(record.node());
      if (before != null
          && Audits.forgot(run, record.node(), before.atNanos(), record.atNanos()).isPresent()) {
        known.remove(record.node());
        before = null;
      }
      if (record.kind().equals("effect-accepted")) {
        accepted++;
        if (before != null && before.epoch() > record.epoch() && late(run, before, record)) {
          findings.add(obeyed(before, record));
        }
      }
      if (SEEN.contains(record.kind()) && (before == null || before.epoch() < record.epoch())) {
        known.put(record.node(), record);
      }
    }
    return accepted;
  }

  private static boolean late(RunEvidence run, AuditRecord knew, AuditRecord obeyed) {
    return ran(run, obeyed.node(), knew.atNanos(), obeyed.atNanos()) > Times.SLACK;
  }

  /// Of a span, the time in which the node did not stand still.
  private static long ran(RunEvidence run, String node, long from, long to) {
    long stood = 0;
    long since = Long.MAX_VALUE;
    for (NodeEvent event : run.events()) {
      if (event.node().equals(node) && event.kind().equals("PAUSED")) {
        since = event.atNanos();
      } else if (event.node().equals(node) && event.kind().equals("RESUMED")) {
        stood += Math.max(0, Math.min(to, event.atNanos()) - Math.max(from, since));
        since = Long.MAX_VALUE;
      }
    }
    return to - from - stood;
  }

  private static Finding obeyed(AuditRecord knew, AuditRecord order) {
    return new Finding(
        "%s obeyed an order (%s %s) of epoch %d at %s, and wrote down epoch %d at %s"
            .formatted(
                order.node(),
                order.detail("effect"),
                order.detail("job_id"),
                order.epoch(),
                Times.text(order.atNanos()),
                knew.epoch(),
                Times.text(knew.atNanos())),
        List.of(),
        List.of(order.node()),
        knew.atNanos(),
        order.atNanos());
  }

  /// Whether a later epoch had a leader by then: an order may be refused as stale for an epoch that
  /// somebody tried for and nobody got.
  private static boolean succeeded(RunEvidence run, AuditRecord renewed) {
    return Audits.of(run, "elected")
        .anyMatch(each -> each.epoch() > renewed.epoch() && each.atNanos() <= renewed.atNanos());
  }

  /// Who renews an office although an order of it was refused as stale.
  private static void stayed(RunEvidence run, List<AuditRecord> refused, List<Finding> findings) {
    Map<Long, AuditRecord> first = new HashMap<>();
    refused.forEach(record -> first.putIfAbsent(record.epoch(), record));
    Audits.of(run, "renewed")
        .forEach(
            renewed -> {
              AuditRecord refusal = first.get(renewed.epoch());
              if (refusal != null
                  && ran(run, renewed.node(), refusal.atNanos(), renewed.atNanos()) > Times.SLACK
                  && succeeded(run, renewed)) {
                findings.add(
                    new Finding(
                        "%s renewed its office of epoch %d at %s, although %s refused an order of it as stale at %s"
                            .formatted(
                                renewed.node(),
                                renewed.epoch(),
                                Times.text(renewed.atNanos()),
                                refusal.node(),
                                Times.text(refusal.atNanos())),
                        List.of(),
                        List.of(renewed.node(), refusal.node()),
                        refusal.atNanos(),
                        renewed.atNanos()));
              }
            });
  }
}
