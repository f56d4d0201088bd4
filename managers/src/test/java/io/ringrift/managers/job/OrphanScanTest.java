package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.GetJobResponse;
import io.ringrift.job.v1.JobServiceGrpc.JobServiceImplBase;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SPEC 6, SelfHealing: a failing clean-up does not abort the cycle.
final class OrphanScanTest {
  /// Knows no job and cannot say so of one.
  private static final class Leader extends JobServiceImplBase {
    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> observer) {
      throw request.getJobId().equals("a")
          ? new Refusal(Reason.INTERNAL, "the disk is gone")
          : new Refusal(Reason.JOB_NOT_FOUND, "no such job");
    }
  }

  @TempDir Path folder;

  @Test
  void aProcessWithoutAWordDoesNotKeepTheOthersFromBeingCleanedUp() throws Exception {
    try (var bench = new Bench(folder, GpuInventory.none(), 4)) {
      bench.cell.serve(Bench.LEADER, List.of(new Leader()));
      bench.cell.lead(Bench.LEADER);
      bench.start(Bench.order("a", 1, 1, "sleeper"));
      bench.start(Bench.order("b", 1, 2, "sleeper"));
      bench.awaitState("a", JobState.JOB_STATE_RUNNING);
      bench.awaitState("b", JobState.JOB_STATE_RUNNING);
      var scan = new OrphanScan(bench.services(), bench.supervisor, Duration.ofMinutes(1));
      assertThatThrownBy(scan::round).hasMessageContaining("the disk is gone");
      assertThatThrownBy(scan::round).hasMessageContaining("the disk is gone");
      bench.awaitClosed("b");
      assertThat(bench.view("a").getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      assertThat(scan.loop().counters().read())
          .containsEntry("stale_processes_cleaned", 1L)
          .containsEntry("checks_failed", 2L);
    }
  }
}
