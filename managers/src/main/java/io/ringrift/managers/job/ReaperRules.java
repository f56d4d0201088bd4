package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which jobs have stayed too long as they are (SPEC 6, JobReaper). The oldest come first, and no
/// round ends more than its share.
@Pure
final class ReaperRules {
  private ReaperRules() {}

  /// Where a job is, as far as the reaper goes.
  enum Phase {
    /// Given to a node and not begun.
    CLAIMED,
    RUNNING,
    /// Its node is gone.
    LOST,
    OTHER
  }

  /// Why a job is ended.
  enum Fault {
    /// Claimed and never started.
    STALE,
    /// Running for too long.
    STUCK,
    /// Running at a node that has been gone for too long.
    ABANDONED
  }

  /// @param sinceMillis ledger time at which it came into its phase; 0 when unknown
  /// @param timeout the job's own; zero when it sets none
  record Row(
      String jobId,
      String jobType,
      Phase phase,
      long sinceMillis,
      Duration timeout,
      boolean cancelled) {}

  record Reap(String jobId, Fault fault, Duration age) {}

  /// Jobs to cancel. One whose cancel is on its way already is left to it; one whose time is not
  /// known is not old.
  static List<Reap> of(List<Row> rows, long nowMillis, ReaperConfig config) {
    return rows.stream()
        .filter(row -> !row.cancelled() && row.sinceMillis() > 0)
        .flatMap(row -> judge(row, age(row, nowMillis), config).stream())
        .sorted(Comparator.comparing(Reap::age).reversed().thenComparing(Reap::jobId))
        .limit(config.mostPerRound())
        .toList();
  }

  /// Jobs to fail: running so long that their timeout cannot have been obeyed, cancelled or not.
  static List<Row> overrun(List<Row> rows, long nowMillis, ReaperConfig config) {
    return rows.stream()
        .filter(row -> row.phase() == Phase.RUNNING && row.sinceMillis() > 0)
        .filter(
            row ->
                age(row, nowMillis).compareTo(config.givenUpAfter(row.jobType(), row.timeout()))
                    > 0)
        .sorted(Comparator.comparingLong(Row::sinceMillis).thenComparing(Row::jobId))
        .limit(config.mostPerRound())
        .toList();
  }

  private static Duration age(Row row, long nowMillis) {
    return Duration.ofMillis(nowMillis - row.sinceMillis());
  }

  private static Optional<Reap> judge(Row row, Duration age, ReaperConfig config) {
    return switch (row.phase()) {
      case CLAIMED -> over(row, Fault.STALE, age, config.staleAfter(row.jobType()));
      case LOST -> over(row, Fault.ABANDONED, age, config.staleAfter(row.jobType()));
      case RUNNING -> over(row, Fault.STUCK, age, config.stuckAfter(row.jobType(), row.timeout()));
      case OTHER -> Optional.empty();
    };
  }

  private static Optional<Reap> over(Row row, Fault fault, Duration age, Duration limit) {
    return age.compareTo(limit) > 0
        ? Optional.of(new Reap(row.jobId(), fault, age))
        : Optional.empty();
  }
}
