package io.ringrift.managers.loop;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.loop.v1.ListLoopsRequest;
import io.ringrift.loop.v1.ListLoopsResponse;
import io.ringrift.loop.v1.Loop;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.loop.v1.PauseLoopRequest;
import io.ringrift.loop.v1.PauseLoopResponse;
import io.ringrift.loop.v1.ResumeLoopRequest;
import io.ringrift.loop.v1.ResumeLoopResponse;
import io.ringrift.loop.v1.RunLoopRequest;
import io.ringrift.loop.v1.RunLoopResponse;
import io.ringrift.managers.Replies;
import java.time.Duration;
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
        () -> {
          var loop = manager.get(request.getName());
          try {
            loop.runOnce(LONGEST_ROUND);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(Reason.SHUTTING_DOWN, "interrupted while the round ran", e);
          }
          return RunLoopResponse.newBuilder().setLoop(message(loop)).build();
        });
  }

  @Override
  public void pauseLoop(PauseLoopRequest request, StreamObserver<PauseLoopResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var loop = manager.get(request.getName());
          loop.pause();
          return PauseLoopResponse.newBuilder().setLoop(message(loop)).build();
        });
  }

  @Override
  public void resumeLoop(ResumeLoopRequest request, StreamObserver<ResumeLoopResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var loop = manager.get(request.getName());
          loop.resume();
          return ResumeLoopResponse.newBuilder().setLoop(message(loop)).build();
        });
  }

  private static Loop message(PeriodicLoop loop) {
    var spec = loop.spec();
    var stats = loop.stats();
    var health = loop.health();
    return Loop.newBuilder()
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
        .build();
  }

  private static com.google.protobuf.Duration message(Duration value) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(value.getSeconds())
        .setNanos(value.getNano())
        .build();
  }
}
