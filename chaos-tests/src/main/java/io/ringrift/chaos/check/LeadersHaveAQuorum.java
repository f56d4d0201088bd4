package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Whoever took an office had the votes of more than half of the voters in that epoch, by what
/// these wrote down themselves (RELIABILITY E4). Where records of a voter are missing, its votes
/// accuse nobody.
final class LeadersHaveAQuorum implements Check {
  @Override
  public String source() {
    return "E4";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.AUDIT, Part.FINALS, Part.FAULTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
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
    int judged = 0;
    int gaps = 0;
    int elsewhere = 0;
    for (AuditRecord elected : Audits.of(run, "elected").toList()) {
      if (!Audits.votes(run, elected)) {
        elsewhere++;
        continue;
      }
      Set<String> voters = votersFor(run, elected);
      List<String> all = run.setting().voters();
      boolean enough = VotersInForce.areMost(run, voters, elected.atNanos());
      if (!enough && all.stream().anyMatch(node -> mayLack(run, node, elected))) {
        gaps++;
        continue;
      }
      judged++;
      if (!enough) {
        findings.add(alone(run, elected, voters));
      }
    }
    String besides =
        (gaps == 0 ? "" : "; %d not judged, records of voters are missing".formatted(gaps))
            + (elsewhere == 0 ? "" : "; %d by Raft, whose votes are its own".formatted(elsewhere));
    if (judged == 0) {
      String none = "no office whose votes are in the audit" + besides;
      return gaps > 0 ? Result.undecided(this, none) : Result.notConcerned(this, none);
    }
    return Result.of(this, judged + " offices with the votes behind them" + besides, findings);
  }

  private static boolean mayLack(RunEvidence run, String node, AuditRecord elected) {
    return Audits.lacks(run, node) || Audits.full(run, node, elected.atNanos());
  }

  private static Set<String> votersFor(RunEvidence run, AuditRecord elected) {
    var voters = new TreeSet<String>();
    Audits.of(run, "vote-granted")
        .filter(vote -> vote.epoch() == elected.epoch())
        .filter(vote -> vote.detail("to").equals(elected.node()))
        .forEach(vote -> voters.add(vote.node()));
    return voters;
  }

  private static Finding alone(RunEvidence run, AuditRecord elected, Set<String> votes) {
    Set<String> voters = VotersInForce.at(run, elected.atNanos()).getLast();
    return Finding.at(
        "%s took the office of epoch %d at %s with the votes of %s: %d of %d voters"
            .formatted(
                elected.node(),
                elected.epoch(),
                Times.text(elected.atNanos()),
                votes.isEmpty() ? "nobody" : String.join(", ", votes),
                votes.stream().filter(voters::contains).count(),
                voters.size()),
        elected.atNanos(),
        elected.node());
  }
}
