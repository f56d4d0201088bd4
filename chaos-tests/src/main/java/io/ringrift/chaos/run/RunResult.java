package io.ringrift.chaos.run;

import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.report.Judged;
import java.util.List;

/// What became of a run.
///
/// @param unmet expectations of the scenario that were not met, each a sentence
/// @param figures for one line of a table
public record RunResult(RunEvidence evidence, List<String> unmet, String figures) {
  public RunResult {
    unmet = List.copyOf(unmet);
  }

  Judged judged() {
    return new Judged(evidence, Verdict.of(evidence, unmet));
  }
}
