package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.Map;

/// How long a job may stay as it is before the leader ends it (SPEC 6, JobReaper and SelfHealing).
/// All times are ledger time.
///
/// @param mostPerRound most jobs that one round ends
/// @param stale time without a start, or with a node that is gone, for types not named in
///   `staleByType`
/// @param staleByType the same by job type
/// @param stuck least time that a running job is given, whatever its type
/// @param runtimeByType longest run by job type; a job's own longer timeout goes before it
/// @param overrun share of its timeout after which a running job is failed
@Pure
public record ReaperConfig(
    int mostPerRound,
    Duration stale,
    Map<String, Duration> staleByType,
    Duration stuck,
    Map<String, Duration> runtimeByType,
    double overrun) {
  /// The figures of SPEC 6 and 12.16.
  public static final ReaperConfig DEFAULT =
      new ReaperConfig(
          10,
          Duration.ofHours(1),
          Map.of(
              "gpu_gumbel", Duration.ofMinutes(40),
              "gpu_policy", Duration.ofMinutes(20),
              "gpu_selfplay", Duration.ofMinutes(30),
              "training", Duration.ofHours(1),
              "evaluation", Duration.ofMinutes(20),
              "cpu_heuristic", Duration.ofMinutes(30),
              "cpu_gumbel", Duration.ofMinutes(20),
              "selfplay", Duration.ofMinutes(20)),
          Duration.ofHours(2),
          Map.of(
              "selfplay", Duration.ofHours(2),
              "training", Duration.ofDays(1),
              "tournament", Duration.ofHours(4),
              "gauntlet", Duration.ofHours(2)),
          1.5);

  /// @throws Refusal INVALID_ARGUMENT naming the value out of range
  public ReaperConfig {
    staleByType = Map.copyOf(staleByType);
    runtimeByType = Map.copyOf(runtimeByType);
    require(mostPerRound >= 1, "reaper.most_per_round", mostPerRound, "at least 1");
    require(overrun >= 1, "reaper.overrun", overrun, "at least 1");
    positive("reaper.stale", stale);
    positive("reaper.stuck", stuck);
    staleByType.forEach((type, time) -> positive("reaper.stale_by_type." + type, time));
    runtimeByType.forEach((type, time) -> positive("reaper.runtime_by_type." + type, time));
  }

  Duration staleAfter(String jobType) {
    return staleByType.getOrDefault(jobType, stale);
  }

  /// @param timeout the job's own; zero when it sets none
  Duration stuckAfter(String jobType, Duration timeout) {
    Duration byType = longer(stuck, runtimeByType.getOrDefault(jobType, stuck));
    return longer(byType, timeout);
  }

  /// When a running job is failed, even if nobody could cancel it.
  Duration givenUpAfter(String jobType, Duration timeout) {
    Duration own = timeout.isPositive() ? timeout : runtimeByType.getOrDefault(jobType, stuck);
    return Duration.ofMillis((long) (own.toMillis() * overrun));
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static void positive(String field, Duration time) {
    require(time.isPositive(), field, time, "positive");
  }

  private static void require(boolean holds, String field, Object value, String rule) {
    if (!holds) {
      throw Refusal.invalid(field, value.toString(), rule);
    }
  }
}
