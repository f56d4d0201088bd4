package io.ringrift.chaos.report;

import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.RunEvidence;

/// A run and what is said of it.
public record Judged(RunEvidence run, Verdict verdict) {
  /// Scenario, modes and seed as one name, fit for a file.
  public String name() {
    var setting = run.setting();
    return name(
        setting.scenario(),
        setting.ground(),
        setting.membership(),
        setting.consensus(),
        setting.seed());
  }

  static String name(
      String scenario, String ground, String membership, String consensus, long seed) {
    return String.join("-", scenario, ground, membership, consensus, Long.toString(seed))
        .replaceAll("[^A-Za-z0-9._-]", "_");
  }
}
