package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.GetJobResponse;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class TracelessJobsTest {
  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(100);

  /// It knows some jobs, by the state that their name says.
  private static final class Jobs extends JobServiceGrpc.JobServiceImplBase {
    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> observer) {
      String id = request.getJobId();
      if (id.equals("gone")) {
        observer.onError(Errors.toStatus(new Refusal(Reason.JOB_NOT_FOUND, "no job gone")));
        return;
      }
      var state = JobState.valueOf("JOB_STATE_" + (id.equals("lost") ? "FAILED" : id));
      var exit = ExitStatus.newBuilder().setCause(id.equals("lost") ? "lost" : "");
      observer.onNext(
          GetJobResponse.newBuilder()
              .setJob(Job.newBuilder().setJobId(id).setState(state).setExit(exit))
              .build());
      observer.onCompleted();
    }
  }

  private Map<String, String> effects() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, new History(clock, 1)).effects().stream()
        .collect(Collectors.toMap(Effect::key, Effect::what));
  }

  @Test
  void whatHasNotEndedIsOpenAndWhatIsGoneIsNot() throws Exception {
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Jobs())
            .build()
            .start();
    try {
      new TracelessJobs(List.of(new Endpoint("127.0.0.1", server.getPort())))
          .record(List.of("PENDING", "LOST", "gone", "COMPLETE", "lost"), clock, recorder);
    } finally {
      server.shutdownNow();
    }
    assertThat(effects())
        .containsOnly(
            Map.entry("PENDING", Effect.OPEN),
            Map.entry("LOST", Effect.OPEN),
            Map.entry("lost", Effect.LOST));
  }

  @Test
  void whoCannotBeAskedForIsOpen() {
    new TracelessJobs(List.of(new Endpoint("127.0.0.1", 1)))
        .record(List.of("a", "b"), clock, recorder);
    assertThat(effects()).containsOnly(Map.entry("a", Effect.OPEN), Map.entry("b", Effect.OPEN));
  }
}
