package io.ringrift.managers.job;

import java.time.Duration;
import java.util.List;

/// What the leader's side of jobs needs to know.
///
/// @param templates workloads that this node's config declares
/// @param selfplayWorkload template that SpawnSelfplay runs
/// @param trainingWorkload template that SpawnTraining runs
/// @param expireAfter ledger time after which a job that was not dispatched expires (SPEC 12.36)
/// @param dispatchInterval longest wait of the dispatch loop for a change
/// @param reaperInterval gap between rounds of the reaper (SPEC 6)
/// @param reaper how long a job may stay as it is
/// @param startupGrace time in office before a node that was never met counts as gone
/// @param factsLag time until a node's facts show a job that was sent to it
/// @param callTimeout longest wait for one answer
public record JobConfig(
    List<WorkloadTemplate> templates,
    String selfplayWorkload,
    String trainingWorkload,
    Duration expireAfter,
    Duration dispatchInterval,
    Duration reaperInterval,
    ReaperConfig reaper,
    Duration startupGrace,
    Duration factsLag,
    Duration callTimeout) {
  public JobConfig {
    templates = List.copyOf(templates);
  }

  /// The defaults.
  ///
  /// @param deadAfter silence after which a member is DEAD
  /// @param gossip gap between gossip rounds
  public static JobConfig defaults(
      List<WorkloadTemplate> templates, Duration deadAfter, Duration gossip) {
    return new JobConfig(
        templates,
        "selfplay",
        "training",
        Duration.ofSeconds(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(300),
        ReaperConfig.DEFAULT,
        deadAfter,
        gossip.multipliedBy(2),
        Duration.ofSeconds(10));
  }
}
