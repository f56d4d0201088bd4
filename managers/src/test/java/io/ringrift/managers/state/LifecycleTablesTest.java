package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.JobState;
import io.ringrift.queue.v1.WorkState;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Every pair of states, against the tables of SPEC 1.4 and 1.5 written out.
class LifecycleTablesTest {
  private static final Set<String> JOB_MOVES =
      Set.of(
          "PENDING>CLAIMED",
          "PENDING>EXPIRED",
          "PENDING>CANCELLED",
          "CLAIMED>PENDING",
          "CLAIMED>STARTING",
          "CLAIMED>RUNNING",
          "CLAIMED>COMPLETE",
          "CLAIMED>FAILED",
          "CLAIMED>CANCELLED",
          "CLAIMED>LOST",
          "STARTING>RUNNING",
          "STARTING>COMPLETE",
          "STARTING>FAILED",
          "STARTING>CANCELLED",
          "STARTING>LOST",
          "RUNNING>COMPLETE",
          "RUNNING>FAILED",
          "RUNNING>CANCELLED",
          "RUNNING>LOST",
          "LOST>STARTING",
          "LOST>RUNNING",
          "LOST>COMPLETE",
          "LOST>FAILED",
          "LOST>CANCELLED",
          "COMPLETE>PROMOTED");

  private static final Set<String> WORK_MOVES =
      Set.of(
          "PENDING>CLAIMED",
          "PENDING>CANCELLED",
          "CLAIMED>PENDING",
          "CLAIMED>RUNNING",
          "CLAIMED>COMPLETED",
          "CLAIMED>FAILED",
          "CLAIMED>CANCELLED",
          "CLAIMED>TIMEOUT",
          "RUNNING>PENDING",
          "RUNNING>COMPLETED",
          "RUNNING>FAILED",
          "RUNNING>CANCELLED",
          "RUNNING>TIMEOUT",
          "FAILED>PENDING",
          "TIMEOUT>PENDING");

  @Test
  void jobsMoveAsTheTableSaysAndNoOtherWay() {
    var moves =
        Arrays.stream(JobState.values())
            .flatMap(
                from ->
                    Arrays.stream(JobState.values())
                        .filter(to -> JobLifecycle.allows(from, to))
                        .map(to -> JobLifecycle.name(from) + ">" + JobLifecycle.name(to)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(moves).isEqualTo(new TreeSet<>(JOB_MOVES));
  }

  @Test
  void workItemsMoveAsTheTableSaysAndNoOtherWay() {
    var moves =
        Arrays.stream(WorkState.values())
            .flatMap(
                from ->
                    Arrays.stream(WorkState.values())
                        .filter(to -> WorkLifecycle.allows(from, to))
                        .map(to -> WorkLifecycle.name(from) + ">" + WorkLifecycle.name(to)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(moves).isEqualTo(new TreeSet<>(WORK_MOVES));
  }

  @Test
  void anEndedJobMovesNowhereButToPromoted() {
    for (JobState from : JobState.values()) {
      if (JobLifecycle.ended(from)) {
        assertThat(JobLifecycle.after(from)).isSubsetOf(JobState.JOB_STATE_PROMOTED);
      }
    }
  }
}
