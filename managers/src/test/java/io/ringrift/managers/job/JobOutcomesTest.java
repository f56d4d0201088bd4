package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.managers.Health;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// SPEC 5.4, stats and health.
final class JobOutcomesTest {
  private final JobOutcomes outcomes = new JobOutcomes();

  private void saw(int from, int to, JobState state) {
    for (int i = from; i < to; i++) {
      outcomes.saw(Job.newBuilder().setJobId("job" + i).setState(state).build());
    }
  }

  private Health.Status status() {
    return outcomes.health(true, Map.of()).status();
  }

  @Test
  void aJobThatIsReportedTwiceCountsOnce() {
    saw(0, 1, JobState.JOB_STATE_RUNNING);
    saw(0, 1, JobState.JOB_STATE_COMPLETE);
    saw(0, 1, JobState.JOB_STATE_COMPLETE);
    assertThat(outcomes.counters()).containsEntry("jobs_completed", 1L);
  }

  @Test
  void everyKindOfEndHasItsCounter() {
    saw(0, 1, JobState.JOB_STATE_COMPLETE);
    saw(1, 3, JobState.JOB_STATE_FAILED);
    saw(3, 6, JobState.JOB_STATE_CANCELLED);
    assertThat(outcomes.counters())
        .containsEntry("jobs_completed", 1L)
        .containsEntry("jobs_failed", 2L)
        .containsEntry("jobs_cancelled", 3L);
  }

  @Test
  void moreThanAFifthOfFailuresIsDegradedAndMoreThanHalfAnError() {
    saw(0, 8, JobState.JOB_STATE_COMPLETE);
    saw(8, 10, JobState.JOB_STATE_FAILED);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
    saw(10, 11, JobState.JOB_STATE_FAILED);
    assertThat(status()).isEqualTo(Health.Status.DEGRADED);
    saw(11, 17, JobState.JOB_STATE_FAILED);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
  }

  @Test
  void anOfficeBeginsWithoutTheFailuresOfAnEarlierOne() {
    saw(0, 50, JobState.JOB_STATE_FAILED);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
    outcomes.officeBegins();
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void whoLeadsNoMoreIsNotSickByWhatItSawAsALeader() {
    saw(0, 50, JobState.JOB_STATE_FAILED);
    assertThat(outcomes.health(false, Map.of()).status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void whatIsCancelledIsNoFailure() {
    saw(0, 50, JobState.JOB_STATE_CANCELLED);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }
}
