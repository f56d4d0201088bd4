package io.ringrift.managers.job;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.ReadLogRequest;
import io.ringrift.job.v1.ReadLogResponse;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Reads logs of this node's runs, or passes on those of the node that has the run. Each stream has
/// a virtual thread of its own, so that cancellation and back-pressure reach it.
final class LogStreams {
  private static final int CHUNK = 32 * 1024;
  private static final Duration BEAT = Duration.ofMillis(100);
  private static final Duration LOOKUP = Duration.ofSeconds(5);

  private final RunTable table;
  private final Services services;

  LogStreams(RunTable table, Services services) {
    this.table = table;
    this.services = services;
  }

  /// @throws Refusal LOG_NOT_FOUND, AMBIGUOUS_ID or INVALID_ARGUMENT
  void read(ReadLogRequest request, StreamObserver<ReadLogResponse> observer) {
    if (!List.of("", "stdout", "stderr").contains(request.getStream())) {
      throw Refusal.invalid("stream", request.getStream(), "stdout, stderr or empty for both");
    }
    if (request.getJobId().isEmpty()) {
      throw Refusal.invalid("job_id", "", "the id of a job or work item, or a prefix of it");
    }
    Optional<Run> run = find(request);
    var call = (ServerCallStreamObserver<ReadLogResponse>) observer;
    var room = new Semaphore(0);
    call.setOnReadyHandler(room::release);
    call.setOnCancelHandler(room::release);
    Runnable body;
    if (run.isPresent()) {
      body = () -> pump(request, run.get(), call, room);
    } else {
      NodeId owner = owner(request);
      body = () -> passOn(request, owner, call, room);
    }
    Thread.ofVirtual().name("log-" + request.getJobId()).start(Context.current().wrap(body));
  }

  private Optional<Run> find(ReadLogRequest request) {
    var matches =
        table.all().stream()
            .filter(run -> run.folder().isPresent())
            .filter(run -> run.key().jobId().startsWith(request.getJobId()))
            .toList();
    var ids = matches.stream().map(run -> run.key().jobId()).distinct().toList();
    if (ids.size() > 1 && !ids.contains(request.getJobId())) {
      throw new Refusal(
          Reason.AMBIGUOUS_ID, request.getJobId() + " fits " + ids.size() + " jobs of this node");
    }
    String id = ids.contains(request.getJobId()) ? request.getJobId() : first(ids);
    return matches.stream()
        .filter(run -> run.key().jobId().equals(id))
        .filter(run -> request.getAttempt() == 0 || run.key().attempt() == request.getAttempt())
        .reduce((_, last) -> last);
  }

  private static String first(List<String> ids) {
    return ids.isEmpty() ? "" : ids.getFirst();
  }

  /// The node that has the run: the job table knows it for jobs, the nodes themselves for the rest.
  private NodeId owner(ReadLogRequest request) {
    try {
      var job =
          JobServiceGrpc.newBlockingStub(services.onLeader())
              .withDeadlineAfter(LOOKUP)
              .getJob(
                  io.ringrift.job.v1.GetJobRequest.newBuilder()
                      .setJobId(request.getJobId())
                      .build())
              .getJob();
      if (!job.getNodeId().isEmpty() && !job.getNodeId().equals(services.self().value())) {
        return new NodeId(job.getNodeId());
      }
    } catch (StatusRuntimeException e) {
      if (Errors.fromStatus(e).reason() != Reason.JOB_NOT_FOUND) {
        throw e;
      }
      return workOwner(request);
    }
    throw notFound(request);
  }

  private NodeId workOwner(ReadLogRequest request) {
    var item =
        io.ringrift.queue.v1.QueueServiceGrpc.newBlockingStub(services.onLeader())
            .withDeadlineAfter(LOOKUP)
            .getWork(
                io.ringrift.queue.v1.GetWorkRequest.newBuilder()
                    .setWorkId(request.getJobId())
                    .build())
            .getItem();
    String worker = item.getClaimedBy();
    if (worker.isEmpty() || worker.equals(services.self().value())) {
      throw notFound(request);
    }
    return new NodeId(worker);
  }

  private static Refusal notFound(ReadLogRequest request) {
    return new Refusal(
        Reason.LOG_NOT_FOUND,
        "no node is known to hold a log of "
            + request.getJobId()
            + ": it has not begun, or its log was cleaned up");
  }

  /// Sends what is there, then what comes until the process ends.
  private void pump(
      ReadLogRequest request,
      Run run,
      ServerCallStreamObserver<ReadLogResponse> call,
      Semaphore room) {
    List<String> streams =
        request.getStream().isEmpty() ? List.of("stdout", "stderr") : List.of(request.getStream());
    try {
      Map<String, Long> offsets = new HashMap<>();
      RunFolder folder = run.folder().orElseThrow();
      while (!call.isCancelled()) {
        boolean last = !run.live() || !request.getFollow();
        boolean any = false;
        for (String stream : streams) {
          any |= sendChunk(folder.log(stream), offsets, request.getOffset(), call, room);
        }
        if (!any && last) {
          call.onCompleted();
          return;
        }
        if (!any) {
          run.awaitEnd(BEAT);
        }
      }
    } catch (Refusal e) {
      call.onError(Errors.toStatus(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean sendChunk(
      LogFile log,
      Map<String, Long> offsets,
      long start,
      ServerCallStreamObserver<ReadLogResponse> call,
      Semaphore room)
      throws InterruptedException {
    LogFile.Part part = log.read(offsets.getOrDefault(log.stream(), start), CHUNK);
    offsets.put(log.stream(), part.nextOffset());
    if (part.bytes().length == 0) {
      return false;
    }
    awaitRoom(call, room);
    if (!call.isCancelled()) {
      call.onNext(
          ReadLogResponse.newBuilder()
              .setChunk(ByteString.copyFrom(part.bytes()))
              .setNextOffset(part.nextOffset())
              .setStream(log.stream())
              .build());
    }
    return true;
  }

  /// A slow reader holds up the source instead of filling this node's memory.
  private static void awaitRoom(ServerCallStreamObserver<ReadLogResponse> call, Semaphore room)
      throws InterruptedException {
    while (!call.isReady() && !call.isCancelled()) {
      var _ = room.tryAcquire(BEAT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /// The same stream from the node that has the run; asked first whether it has it, so that two
  /// nodes never send each other in a circle.
  private void passOn(
      ReadLogRequest request,
      NodeId owner,
      ServerCallStreamObserver<ReadLogResponse> call,
      Semaphore room) {
    try {
      var stub = ProcessServiceGrpc.newBlockingStub(services.on(owner));
      boolean there =
          stub
              .withDeadlineAfter(LOOKUP)
              .listProcesses(ListProcessesRequest.newBuilder().setIncludeEnded(true).build())
              .getProcessesList()
              .stream()
              .anyMatch(p -> p.getOrder().getJobId().startsWith(request.getJobId()));
      if (!there) {
        throw notFound(request);
      }
      var parts = stub.readLog(request);
      while (parts.hasNext() && !call.isCancelled()) {
        awaitRoom(call, room);
        call.onNext(parts.next());
      }
      call.onCompleted();
    } catch (StatusRuntimeException e) {
      call.onError(e);
    } catch (Refusal e) {
      call.onError(Errors.toStatus(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
