package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Set;

/// A voter grants an epoch to one candidate at most, over restarts, crashes and a lost folder too
/// (RELIABILITY E3, D8). It counts what the voters wrote down themselves. A voter that was given an
/// older disk cannot know what it did since: its votes before that are not compared with those
/// after.
final class OneVotePerEpoch implements Check {
  private record Vote(String voter, long epoch) {}

  @Override
  public String source() {
    return "E3, D8";
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
    var first = new HashMap<Vote, AuditRecord>();
    var findings = new ArrayList<Finding>();
    List<AuditRecord> votes = Audits.of(run, "vote-granted").toList();
    for (AuditRecord vote : votes) {
      AuditRecord before = first.putIfAbsent(new Vote(vote.node(), vote.epoch()), vote);
      if (before != null
          && !before.detail("to").equals(vote.detail("to"))
          && !older(run, vote.node(), before.atNanos(), vote.atNanos())) {
        findings.add(
            new Finding(
                "%s gave its vote in epoch %d to %s at %s and to %s at %s"
                    .formatted(
                        vote.node(),
                        vote.epoch(),
                        before.detail("to"),
                        Times.text(before.atNanos()),
                        vote.detail("to"),
                        Times.text(vote.atNanos())),
                List.of(),
                List.of(vote.node(), before.detail("to"), vote.detail("to")),
                before.atNanos(),
                vote.atNanos()));
      }
    }
    return votes.isEmpty()
        ? Result.notConcerned(
            this, "no vote is in the audit of any node; those of Raft are in its own files")
        : Result.of(
            this,
            "%d votes of %d voters"
                .formatted(votes.size(), votes.stream().map(AuditRecord::node).distinct().count()),
            findings);
  }

  private static boolean older(RunEvidence run, String node, long from, long to) {
    return Audits.forgot(run, node, from, to).filter("RESTORED"::equals).isPresent();
  }
}
