package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// When the cancel of a job was acknowledged as done, no process of it starts any more: by what the
/// nodes wrote down before they started one, and by what the job itself wrote (RELIABILITY J5). A
/// cancel whose answer says that a node has the job is a promise to stop it, and no word on its
/// start.
final class CancelledJobsDoNotStart implements Check {
  @Override
  public String source() {
    return "J5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.AUDIT, Part.EFFECTS);
  }

  @Override
  public Result of(RunEvidence run) {
    Map<String, Operation> cancelled = new HashMap<>();
    run.history().operations().stream()
        .filter(operation -> operation.kind() == Kind.CANCEL_JOB && operation.ok())
        .filter(operation -> operation.answer().state().equals(Life.CANCELLED))
        .forEach(operation -> cancelled.putIfAbsent(operation.key(), operation));
    if (cancelled.isEmpty()) {
      return Result.notConcerned(this, "no cancel of a job that waited was acknowledged");
    }
    if (run.audit().isEmpty() && run.effects().isEmpty()) {
      return Result.notConcerned(this, Audits.NONE + ", nor what jobs wrote");
    }
    var findings = new ArrayList<Finding>();
    for (AuditRecord record : Audits.of(run, "job-start").toList()) {
      Operation cancel = cancelled.get(record.detail("job_id"));
      if (cancel != null && record.atNanos() > cancel.returnedNanos() + Times.COARSE) {
        findings.add(late(cancel, record.node(), record.atNanos()));
      }
    }
    for (Effect effect : run.effects()) {
      Operation cancel = cancelled.get(effect.key());
      if (cancel != null
          && effect.what().equals("start")
          && effect.atNanos() > cancel.returnedNanos() + Times.SLACK) {
        findings.add(late(cancel, effect.node(), effect.atNanos()));
      }
    }
    return Result.of(this, cancelled.size() + " jobs were cancelled while they waited", findings);
  }

  private static Finding late(Operation cancel, String node, long at) {
    return new Finding(
        "job %s started at %s on %s, after its cancel was acknowledged:%n  %s"
            .formatted(cancel.key(), Times.text(at), node, cancel),
        List.of(cancel.number()),
        List.of(node),
        cancel.invokedNanos(),
        at);
  }
}
