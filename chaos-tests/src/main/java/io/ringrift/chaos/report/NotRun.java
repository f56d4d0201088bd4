package io.ringrift.chaos.report;

import com.fasterxml.jackson.annotation.JsonProperty;

/// A scenario of which there is no verdict.
///
/// @param seed that it was to run with
/// @param reason why it was not run, or not to its end, as a sentence
/// @param excluded it is not for this ground, mode or machine; else it was to run and did not, or
///   was interrupted, and that is no pass
public record NotRun(
    @JsonProperty("scenario") String scenario,
    @JsonProperty("ground") String ground,
    @JsonProperty("membership") String membership,
    @JsonProperty("consensus") String consensus,
    @JsonProperty("seed") long seed,
    @JsonProperty("reason") String reason,
    @JsonProperty("excluded") boolean excluded) {
  /// As that of a verdict.
  String name() {
    return Judged.name(scenario, ground, membership, consensus, seed);
  }
}
