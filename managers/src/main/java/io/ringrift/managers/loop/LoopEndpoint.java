package io.ringrift.managers.loop;

import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.loop.v1.ListLoopsRequest;
import io.ringrift.loop.v1.ListLoopsResponse;
import io.ringrift.loop.v1.Loop;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.loop.v1.PauseLoopRequest;
import io.ringrift.loop.v1.PauseLoopResponse;
import io.ringrift.loop.v1.ResetLoopRequest;
import io.ringrift.loop.v1.ResetLoopResponse;
import io.ringrift.loop.v1.RestartLoopRequest;
import io.ringrift.loop.v1.RestartLoopResponse;
import io.ringrift.loop.v1.ResumeLoopRequest;
import io.ringrift.loop.v1.ResumeLoopResponse;
import io.ringrift.loop.v1.RunLoopRequest;
import io.ringrift.loop.v1.RunLoopResponse;
import io.ringrift.managers.Replies;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/// Loops by RPC. Every method answers for this node only.
final class LoopEndpoint extends LoopServiceGrpc.LoopServiceImplBase {
  private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

  private final LoopManager manager;

  LoopEndpoint(LoopManager manager) {
    this.manager = manager;
  }

  @Override
  public void listLoops(ListLoopsRequest request, StreamObserver<ListLoopsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var response = ListLoopsResponse.newBuilder();
          manager.names().stream()
              .sorted()
              .forEach(name -> response.addLoops(message(manager.get(name))));
          return response.build();
        });
  }

  @Override
  public void runLoop(RunLoopRequest request, StreamObserver<RunLoopResponse> observer) {
    Replies.unary(
        observer,
        () -> RunLoopResponse.newBuilder().setLoop(after(request.getName(), this::run)).build());
  }

  @Override
  public void pauseLoop(PauseLoopRequest request, StreamObserver<PauseLoopResponse> observer) {
    Replies.unary(
        observer,
        () ->
            PauseLoopResponse.newBuilder()
                .setLoop(after(request.getName(), PeriodicLoop::pause))
                .build());
  }

  @Override
  public void resumeLoop(ResumeLoopRequest request, StreamObserver<ResumeLoopResponse> observer) {
    Replies.unary(
        observer,
        () ->
            ResumeLoopResponse.newBuilder()
                .setLoop(after(request.getName(), PeriodicLoop::resume))
                .build());
  }

  @Override
  public void resetLoop(ResetLoopRequest request, StreamObserver<ResetLoopResponse> observer) {
    Replies.unary(
        observer,
        () ->
            ResetLoopResponse.newBuilder()
                .setLoop(after(request.getName(), PeriodicLoop::resetStats))
                .build());
  }

  @Override
  public void restartLoop(
      RestartLoopRequest request, StreamObserver<RestartLoopResponse> observer) {
    Replies.unary(
        observer,
        () ->
            RestartLoopResponse.newBuilder()
                .setLoop(after(request.getName(), this::restart))
                .build());
  }

  /// What is done to a loop on request.
  private interface Act {
    void on(PeriodicLoop loop) throws InterruptedException;
  }

  private Loop after(String name, Act act) {
    var loop = manager.get(name);
    try {
      act.on(loop);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "interrupted while the round ran", e);
    }
    return message(loop);
  }

  private void run(PeriodicLoop loop) throws InterruptedException {
    loop.runOnce(LONGEST_ROUND);
  }

  private void restart(PeriodicLoop loop) throws InterruptedException {
    if (!manager.restart(loop.spec().name())) {
      throw new Refusal(
          Reason.DEADLINE_EXCEEDED,
          "a round of loop "
              + loop.spec().name()
              + " does not heed its interrupt; the loop begins anew behind it");
    }
  }

  private static Loop message(PeriodicLoop loop) {
    var spec = loop.spec();
    var stats = loop.stats();
    var health = loop.health();
    var message =
        Loop.newBuilder()
            .setName(spec.name())
            .setInterval(message(spec.interval()))
            .setLeaderOnly(spec.leaderOnly())
            .setState(loop.running() ? health.status().name().toLowerCase(Locale.ROOT) : "stopped")
            .setTotalRuns(stats.totalRuns())
            .setSuccessfulRuns(stats.successfulRuns())
            .setFailedRuns(stats.failedRuns())
            .setConsecutiveErrors(stats.consecutiveErrors())
            .setLastErrorMessage(stats.lastError())
            .setLastRunDuration(message(stats.lastDuration()))
            .setAvgRunDuration(message(stats.averageDuration()))
            .addAllDependsOn(spec.dependsOn())
            .putAllCounters(spec.counters().read())
            .setHealthy(health.healthy())
            .setHealthMessage(health.message());
    stats.lastRunAt().map(LoopEndpoint::message).ifPresent(message::setLastRunTime);
    stats.lastSuccessAt().map(LoopEndpoint::message).ifPresent(message::setLastSuccessTime);
    stats.lastErrorAt().map(LoopEndpoint::message).ifPresent(message::setLastErrorTime);
    return message.build();
  }

  private static Timestamp message(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private static com.google.protobuf.Duration message(Duration value) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(value.getSeconds())
        .setNanos(value.getNano())
        .build();
  }
}
