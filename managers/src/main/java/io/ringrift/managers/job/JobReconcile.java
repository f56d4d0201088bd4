package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compares one node's processes with the job table: what to stop, what to tell the table. Run when
/// duties open, when a node comes back and by the reaper, so a difference is settled once, by rule.
@Pure
final class JobReconcile {
  private JobReconcile() {}

  /// Where a job is in its life, as far as reconciling goes.
  enum Phase {
    /// Given to the node; the order may not have arrived.
    ORDERED,
    /// The node had taken it.
    ACTIVE,
    LOST,
    /// Not with any node, or ended.
    IDLE
  }

  /// A job of the table.
  record Row(
      String jobId, String nodeId, int attempt, long token, Phase phase, boolean cancelled) {}

  /// A process of the node that serves a job.
  record Seen(String jobId, int attempt, long token, boolean ended) {}

  /// What to do about one difference.
  sealed interface Action {
    /// The leader does not want that process.
    record Stop(String jobId, int attempt, String cause) implements Action {}

    /// The table should hear of the process: the node is back, or its report was lost.
    record Adopt(String jobId, int attempt, long token) implements Action {}

    /// The node does not know what it had taken: it lost it.
    record Fail(String jobId, int attempt, long token) implements Action {}
  }

  /// In the order of the processes, then of the rows.
  static List<Action> of(String nodeId, List<Row> rows, List<Seen> processes) {
    var actions = new ArrayList<Action>();
    Map<String, Row> byId = new HashMap<>();
    rows.forEach(row -> byId.put(row.jobId(), row));
    for (Seen seen : processes) {
      judge(nodeId, Optional.ofNullable(byId.get(seen.jobId())), seen).ifPresent(actions::add);
    }
    for (Row row : rows) {
      boolean here =
          processes.stream()
              .anyMatch(p -> p.jobId().equals(row.jobId()) && p.token() == row.token());
      boolean held = row.phase() == Phase.ACTIVE || row.phase() == Phase.LOST;
      if (row.nodeId().equals(nodeId) && held && !here) {
        actions.add(new Action.Fail(row.jobId(), row.attempt(), row.token()));
      }
    }
    return actions;
  }

  private static Optional<Action> judge(String nodeId, Optional<Row> row, Seen seen) {
    boolean current =
        row.filter(r -> r.token() == seen.token() && r.nodeId().equals(nodeId)).isPresent();
    if (!current) {
      return seen.ended()
          ? Optional.empty()
          : Optional.of(new Action.Stop(seen.jobId(), seen.attempt(), "superseded"));
    }
    Row job = row.orElseThrow();
    return switch (job.phase()) {
      case IDLE ->
          seen.ended()
              ? Optional.empty()
              : Optional.of(new Action.Stop(seen.jobId(), seen.attempt(), "cancelled"));
      case LOST, ORDERED ->
          Optional.of(new Action.Adopt(seen.jobId(), seen.attempt(), seen.token()));
      case ACTIVE ->
          seen.ended()
              ? Optional.of(new Action.Adopt(seen.jobId(), seen.attempt(), seen.token()))
              : stopWhenCancelled(job, seen);
    };
  }

  private static Optional<Action> stopWhenCancelled(Row job, Seen seen) {
    return job.cancelled()
        ? Optional.of(new Action.Stop(seen.jobId(), seen.attempt(), "cancelled"))
        : Optional.empty();
  }
}
