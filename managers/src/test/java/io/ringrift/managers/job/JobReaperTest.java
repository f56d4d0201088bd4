package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The reaper over a job table in memory.
final class JobReaperTest {
  private static final Epoch EPOCH = new Epoch(7);

  private final Cell cell = new Cell();
  private final FakeState state = new FakeState();
  private JobReaper reaper;

  @BeforeEach
  void open() {
    cell.serve(Bench.LEADER, List.of(state));
    var table = new JobTableClient(cell.of(Bench.LEADER), Duration.ofSeconds(5), new JobOutcomes());
    reaper = new JobReaper(table, ReaperConfig.DEFAULT);
    state.ledgerMillis = 100_000_000;
  }

  @AfterEach
  void close() {
    cell.close();
  }

  private static void inOffice() {}

  private void put(String id, JobState jobState, long ageSeconds) {
    state.jobs.put(
        id,
        Job.newBuilder()
            .setJobId(id)
            .setSpec(JobSpec.newBuilder().setJobType("selfplay"))
            .setState(jobState)
            .setNodeId("n2")
            .setClaimToken(5)
            .setStateLedgerMillis(state.ledgerMillis - ageSeconds * 1000)
            .build());
  }

  @Test
  void aStaleJobIsCancelledByTheLedger() {
    put("old", JobState.JOB_STATE_CLAIMED, 1201);
    put("new", JobState.JOB_STATE_CLAIMED, 1100);
    reaper.reap(EPOCH, JobReaperTest::inOffice);
    assertThat(state.job("old").getCancelRequested()).isTrue();
    assertThat(state.job("new").getCancelRequested()).isFalse();
    assertThat(reaper.reaped())
        .containsEntry("stale_jobs_reaped", 1L)
        .containsEntry("stuck_jobs_reaped", 0L)
        .containsEntry("abandoned_jobs_reaped", 0L);
  }

  @Test
  void nothingIsEndedOnceTheOfficeIsOver() {
    put("old", JobState.JOB_STATE_RUNNING, 90_000);
    Runnable deposed =
        () -> {
          throw new Refusal(Reason.STALE_EPOCH, "over");
        };
    assertThatThrownBy(() -> reaper.reap(EPOCH, deposed)).isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> reaper.recover(EPOCH, deposed)).isInstanceOf(Refusal.class);
    assertThat(state.job("old").getCancelRequested()).isFalse();
    assertThat(state.job("old").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void aJobThatRanOnIsFailedWithItsCause() {
    put("stuck", JobState.JOB_STATE_RUNNING, 10_801);
    assertThat(reaper.recover(EPOCH, JobReaperTest::inOffice)).containsExactly(new NodeId("n2"));
    assertThat(state.job("stuck").getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(state.job("stuck").getExit().getCause()).isEqualTo("stuck_timeout_recovery");
    assertThat(reaper.recovered()).containsEntry("stuck_jobs_recovered", 1L);
  }

  @Test
  void aJobThatMovedOnDoesNotKeepTheOthersFromTheirRecovery() {
    put("first", JobState.JOB_STATE_RUNNING, 20_000);
    put("second", JobState.JOB_STATE_RUNNING, 11_000);
    Runnable newClaimOfTheFirst =
        () ->
            state.jobs.computeIfPresent(
                "first", (_, job) -> job.toBuilder().setClaimToken(6).build());
    reaper.recover(EPOCH, newClaimOfTheFirst);
    assertThat(state.job("first").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(state.job("second").getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(reaper.recovered())
        .containsEntry("stuck_jobs_recovered", 1L)
        .containsEntry("recoveries_refused", 1L);
  }
}
