package io.ringrift.managers.job;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ListProcessesResponse;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.ReadLogRequest;
import io.ringrift.job.v1.ReadLogResponse;
import io.ringrift.job.v1.StartProcessRequest;
import io.ringrift.job.v1.StartProcessResponse;
import io.ringrift.job.v1.StopProcessRequest;
import io.ringrift.job.v1.StopProcessResponse;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;
import io.ringrift.managers.Services;
import java.util.Set;

/// ProcessService as its callers see it.
final class ProcessRpc extends ProcessServiceGrpc.ProcessServiceImplBase {
  private static final Set<String> CAUSES = Set.of("cancelled", "timeout", "superseded");

  private final ProcessSupervisor supervisor;
  private final LogStreams logs;

  ProcessRpc(ProcessSupervisor supervisor, Services services) {
    this.supervisor = supervisor;
    this.logs = new LogStreams(supervisor.table(), services);
  }

  @Override
  public void startProcess(
      StartProcessRequest request, StreamObserver<StartProcessResponse> observer) {
    try {
      var started = supervisor.order(fence(request.getFence()), request.getOrder());
      observer.onNext(
          StartProcessResponse.newBuilder()
              .setProcess(started.run().view())
              .setDuplicate(started.duplicate())
              .build());
      observer.onCompleted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      observer.onError(Status.CANCELLED.asRuntimeException());
    }
  }

  @Override
  public void stopProcess(
      StopProcessRequest request, StreamObserver<StopProcessResponse> observer) {
    if (!CAUSES.contains(request.getCause())) {
      throw Refusal.invalid("cause", request.getCause(), "one of " + CAUSES);
    }
    Replies.unary(
        observer,
        () ->
            StopProcessResponse.newBuilder()
                .setFound(
                    supervisor.stop(
                        fence(request.getFence()),
                        request.getJobId(),
                        request.getAttempt(),
                        request.getCause()))
                .build());
  }

  @Override
  public void listProcesses(
      ListProcessesRequest request, StreamObserver<ListProcessesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.hasFence()) {
            supervisor.learn(fence(request.getFence()));
          }
          var answer = ListProcessesResponse.newBuilder();
          supervisor.table().all().stream()
              .filter(run -> run.folder().isPresent())
              .filter(run -> run.live() || request.getIncludeEnded())
              .forEach(run -> answer.addProcesses(run.view()));
          return answer.build();
        });
  }

  @Override
  public void readLog(ReadLogRequest request, StreamObserver<ReadLogResponse> observer) {
    logs.read(request, observer);
  }

  private static Fence fence(io.ringrift.common.v1.Fence fence) {
    return new Fence(new Epoch(fence.getEpoch()), new NodeId(fence.getLeaderId()));
  }
}
