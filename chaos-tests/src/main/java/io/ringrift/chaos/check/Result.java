package io.ringrift.chaos.check;

import java.util.ArrayList;
import java.util.List;

/// What one checker says.
///
/// @param name of the invariant
/// @param source its numbers in the list of invariants
/// @param evidence what was looked at, or why nothing can be told
/// @param findings at most `MOST`; the evidence says when there were more
public record Result(
    String name, String source, Status status, String evidence, List<Finding> findings) {
  /// Most findings kept.
  static final int MOST = 20;

  public Result {
    findings = List.copyOf(findings);
  }

  static Result of(Check check, String evidence, List<Finding> findings) {
    if (findings.isEmpty()) {
      return new Result(check.name(), check.source(), Status.KEPT, evidence, findings);
    }
    String more = findings.size() > MOST ? "; the first " + MOST + " of " + findings.size() : "";
    return new Result(
        check.name(),
        check.source(),
        Status.VIOLATED,
        evidence + more,
        new ArrayList<>(findings.subList(0, Math.min(MOST, findings.size()))));
  }

  static Result undecided(Check check, String why) {
    return new Result(check.name(), check.source(), Status.UNDECIDED, why, List.of());
  }

  static Result notConcerned(Check check, String why) {
    return new Result(check.name(), check.source(), Status.NOT_CONCERNED, why, List.of());
  }
}
