package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ExpireJobs;
import io.ringrift.state.v1.LoseJobs;
import io.ringrift.state.v1.ReportJob;
import io.ringrift.state.v1.UnassignJob;
import org.junit.jupiter.api.Test;

/// Rules of SPEC 1.4 and DESIGN section 6.
class JobRulesTest {
  private final Ledgers ledger = new Ledgers();

  private Job job() {
    return job("j");
  }

  private Job job(String id) {
    Job job = ledger.state.jobs().get(id);
    return job == null ? Job.getDefaultInstance() : job;
  }

  private Job assigned() {
    ledger.addJob("j");
    ledger.apply(
        Command.newBuilder().setAssignJob(AssignJob.newBuilder().setJobId("j").setNodeId("n2")));
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    return job();
  }

  private CommandResult report(Job attempt, JobState state) {
    return ledger.apply(
        Command.newBuilder()
            .setReportJob(
                ReportJob.newBuilder()
                    .setReport(
                        ReportProcessRequest.newBuilder()
                            .setJobId("j")
                            .setNodeId("n2")
                            .setClaimToken(attempt.getClaimToken())
                            .setAttempt(attempt.getAttempt())
                            .setExit(ExitStatus.newBuilder().setCause("exit"))
                            .setState(state))));
  }

  private CommandResult cancel() {
    return ledger.apply(Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId("j")));
  }

  private void lose() {
    ledger.apply(
        Command.newBuilder().setLoseJobs(LoseJobs.newBuilder().setNodeId("n2").setCause("dead")));
  }

  private CommandResult unassign(Job attempt) {
    return ledger.apply(
        Command.newBuilder()
            .setUnassignJob(
                UnassignJob.newBuilder()
                    .setJobId("j")
                    .setClaimToken(attempt.getClaimToken())
                    .setExcludeNode(true)));
  }

  @Test
  void anAssignedJobCarriesAttemptTokenAndEpoch() {
    Job job = assigned();
    assertThat(job.getAttempt()).isEqualTo(1);
    assertThat(job.getClaimToken()).isPositive();
    assertThat(job.getEpoch()).isEqualTo(ledger.epoch());
  }

  @Test
  void anOrderThatDidNotArriveDoesNotCountAsAnAttempt() {
    unassign(assigned());
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(job().getAttempt()).isZero();
    assertThat(job().getRefusedNodeIdsList()).containsExactly("n2");
  }

  @Test
  void aReportOfAnEarlierAttemptIsRefused() {
    Job first = assigned();
    unassign(first);
    ledger.apply(
        Command.newBuilder().setAssignJob(AssignJob.newBuilder().setJobId("j").setNodeId("n2")));
    assertThat(report(first, JobState.JOB_STATE_COMPLETE).getReason()).isEqualTo("STALE_CLAIM");
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
  }

  @Test
  void aRepeatedFinalReportChangesNothing() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_COMPLETE);
    Job ended = job();
    assertThat(report(job, JobState.JOB_STATE_COMPLETE).getReason()).isEmpty();
    assertThat(job()).isEqualTo(ended);
    assertThat(ledger.state.hours().last24Hours(ledger.ledgerMillis)).isEqualTo(1);
  }

  @Test
  void aProgressReportOvertakenByTheEndIsNoNews() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_FAILED);
    assertThat(report(job, JobState.JOB_STATE_RUNNING).getReason()).isEmpty();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
  }

  @Test
  void anotherFinalReportThanTheFirstIsIllegal() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_FAILED);
    assertThat(report(job, JobState.JOB_STATE_COMPLETE).getReason())
        .isEqualTo("ILLEGAL_TRANSITION");
  }

  @Test
  void aLostJobIsFoundAgainByAReportWithItsToken() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_RUNNING);
    lose();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_LOST);
    report(job, JobState.JOB_STATE_RUNNING);
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void aLostNodeCostsItsOwnJobsOnlyAndEachIsAnEvent() {
    report(assigned(), JobState.JOB_STATE_RUNNING);
    ledger.addJob("k");
    ledger.apply(
        Command.newBuilder().setAssignJob(AssignJob.newBuilder().setJobId("k").setNodeId("n3")));
    lose();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_LOST);
    assertThat(job("k").getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
    assertThat(ledger.state.events().after(new EventRing.Place(0, 0), 100))
        .filteredOn(event -> event.getKind().equals("TASK_ABANDONED"))
        .extracting(event -> event.getSubject())
        .containsExactly("j");
  }

  @Test
  void cancellingARunningJobWaitsForItsNode() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_RUNNING);
    cancel();
    assertThat(job().getCancelRequested()).isTrue();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    report(job, JobState.JOB_STATE_CANCELLED);
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void aCancelledJobWhoseNodeIsLostIsOverAndItsLateReportRefused() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_RUNNING);
    cancel();
    lose();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(report(job, JobState.JOB_STATE_COMPLETE).getReason()).isEqualTo("STALE_CLAIM");
  }

  @Test
  void cancellingAPendingJobIsImmediate() {
    ledger.addJob("j");
    cancel();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void onlyAPendingJobExpires() {
    assigned();
    ledger.apply(Command.newBuilder().setExpireJobs(ExpireJobs.newBuilder().addJobIds("j")));
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_CLAIMED);
  }

  @Test
  void howeverManyJobsEndTheOneThatRunsIsKept() {
    report(assigned(), JobState.JOB_STATE_RUNNING);
    for (int i = 0; i <= JobTable.MOST_ENDED; i++) {
      ledger.addJob("ended" + i);
      ledger.apply(Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId("ended" + i)));
    }
    assertThat(ledger.state.jobs().get("ended0")).isNull();
    assertThat(job().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
  }

  @Test
  void eachStepIsAnEvent() {
    Job job = assigned();
    report(job, JobState.JOB_STATE_RUNNING);
    report(job, JobState.JOB_STATE_COMPLETE);
    assertThat(ledger.state.events().after(new EventRing.Place(0, 0), 100))
        .extracting(event -> event.getKind())
        .containsSubsequence(
            "LEADER_ELECTED", "TASK_QUEUED", "TASK_CLAIMED", "TASK_SPAWNED", "TASK_COMPLETED");
  }

  @Test
  void aJobTellsSinceWhenItHasBeenInItsState() {
    ledger.ledgerMillis = 5000;
    Job attempt = assigned();
    assertThat(attempt.getStateLedgerMillis()).isEqualTo(5000);
    ledger.ledgerMillis = 7000;
    report(attempt, JobState.JOB_STATE_RUNNING);
    assertThat(job().getStateLedgerMillis()).isEqualTo(7000);
    ledger.ledgerMillis = 8000;
    cancel();
    assertThat(job().getStateLedgerMillis()).isEqualTo(7000);
  }
}
