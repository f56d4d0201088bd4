package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ReadJobsRequest;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateQueriesTest {
  private final Ledgers ledger = new Ledgers();

  @BeforeEach
  void fiveJobs() {
    for (String id : List.of("e", "d", "c", "b", "a")) {
      ledger.addJob(id);
    }
    ledger.apply(Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId("d")));
  }

  private List<String> ids(ReadJobsRequest.Builder request) {
    return StateQueries.jobs(
            ledger.state, request.addStates(JobState.JOB_STATE_PENDING).setLimit(2).build())
        .stream()
        .map(Job::getJobId)
        .toList();
  }

  @Test
  void aLimitOnOldestFirstLeavesOutTheNewest() {
    assertThat(ids(ReadJobsRequest.newBuilder().setOldestFirst(true))).containsExactly("e", "c");
  }

  @Test
  void oldestFirstGoesOnBehindAJob() {
    assertThat(ids(ReadJobsRequest.newBuilder().setOldestFirst(true).setAfterJobId("c")))
        .containsExactly("b", "a");
  }

  @Test
  void aLimitOnNewestFirstLeavesOutTheOldest() {
    assertThat(ids(ReadJobsRequest.newBuilder())).containsExactly("a", "b");
    assertThat(ids(ReadJobsRequest.newBuilder().setAfterJobId("b"))).containsExactly("c", "e");
  }
}
