package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Asks the cluster about acknowledged jobs that left no effect. A node that is killed between the
/// start of a process and that process's first line leaves none, and the job ends as FAILED with
/// the cause `lost`: its fate was told, so it is evidence. One that still waits or runs, or that
/// nobody could be asked for, is open. Every other state is a note.
final class TracelessJobs {
  private static final int MOST = 50;
  private static final Set<JobState> ENDED =
      EnumSet.of(
          JobState.JOB_STATE_COMPLETE,
          JobState.JOB_STATE_FAILED,
          JobState.JOB_STATE_EXPIRED,
          JobState.JOB_STATE_CANCELLED,
          JobState.JOB_STATE_PROMOTED);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Collection<Endpoint> nodes;

  TracelessJobs(Collection<Endpoint> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  void record(Collection<String> jobs, RunClock clock, EvidenceRecorder recorder) {
    if (jobs.isEmpty()) {
      return;
    }
    var open = new LinkedHashSet<>(jobs);
    try (var client = new ClusterClient(List.copyOf(nodes), Optional.empty(), PATIENCE)) {
      for (String id : jobs.stream().limit(MOST).toList()) {
        if (ended(client, id, clock, recorder)) {
          open.remove(id);
        }
      }
    } catch (Refusal refusal) {
      recorder.note("jobs that left no effect could not be asked for: " + refusal.text());
    }
    for (String id : open) {
      recorder.effect(new Effect(clock.nanos(), "", id, 0, 0, Effect.OPEN));
    }
  }

  /// @return whether nothing more can come of it; one that nobody knows is gone
  private static boolean ended(
      ClusterClient client, String id, RunClock clock, EvidenceRecorder recorder) {
    try {
      Job job = client.call(channel -> job(channel, id));
      record(job, clock, recorder);
      return ENDED.contains(job.getState());
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.JOB_NOT_FOUND) {
        throw refusal;
      }
      recorder.note("job " + id + " left no effect, and nobody knows it: " + refusal.text());
      return true;
    }
  }

  private static void record(Job job, RunClock clock, EvidenceRecorder recorder) {
    boolean told =
        job.getState() == JobState.JOB_STATE_FAILED && job.getExit().getCause().equals("lost");
    if (told) {
      recorder.effect(
          new Effect(
              clock.nanos(), job.getNodeId(), job.getJobId(), job.getAttempt(), 0, Effect.LOST));
    } else {
      recorder.note(
          "job %s left no effect; it is %s at \"%s\", attempt %d, %s: %s"
              .formatted(
                  job.getJobId(),
                  job.getState(),
                  job.getNodeId(),
                  job.getAttempt(),
                  Map.of("cause", job.getExit().getCause(), "detail", job.getExit().getDetail()),
                  job.getDetail()));
    }
  }

  private static Job job(Channel channel, String id) {
    var get =
        GetJobRequest.newBuilder()
            .setJobId(id)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
            .build();
    return JobServiceGrpc.newBlockingStub(channel).getJob(get).getJob();
  }
}
