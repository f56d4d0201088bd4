package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.GetJobResponse;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc.JobServiceImplBase;
import io.ringrift.job.v1.ListProcessesRequest;
import io.ringrift.job.v1.ListProcessesResponse;
import io.ringrift.job.v1.ProcessServiceGrpc.ProcessServiceImplBase;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.job.v1.ReadLogRequest;
import io.ringrift.job.v1.ReadLogResponse;
import io.ringrift.kernel.NodeId;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LogStreamsTest {
  private static final NodeId ASKED = new NodeId("n1");
  private static final NodeId OWNER = new NodeId("n2");
  private static final int PARTS = 4;

  /// Has the log, in parts.
  private static final class Owner extends ProcessServiceImplBase {
    @Override
    public void listProcesses(
        ListProcessesRequest request, StreamObserver<ListProcessesResponse> observer) {
      observer.onNext(
          ListProcessesResponse.newBuilder()
              .addProcesses(
                  ProcessView.newBuilder().setOrder(Bench.order("a", 1, 1, "echo")).build())
              .build());
      observer.onCompleted();
    }

    @Override
    public void readLog(ReadLogRequest request, StreamObserver<ReadLogResponse> observer) {
      for (int i = 0; i < PARTS; i++) {
        observer.onNext(
            ReadLogResponse.newBuilder().setChunk(ByteString.copyFromUtf8("part")).build());
      }
      observer.onCompleted();
    }
  }

  private static final class Table extends JobServiceImplBase {
    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> observer) {
      observer.onNext(
          GetJobResponse.newBuilder()
              .setJob(Job.newBuilder().setJobId("a").setNodeId(OWNER.value()))
              .build());
      observer.onCompleted();
    }
  }

  /// Has room for one part, and again once it was asked in vain.
  private static final class SlowReader extends ServerCallStreamObserver<ReadLogResponse> {
    private final AtomicBoolean ready = new AtomicBoolean();
    private final AtomicInteger pushed = new AtomicInteger();
    private final AtomicInteger parts = new AtomicInteger();
    private volatile boolean done;

    @Override
    public boolean isReady() {
      return ready.getAndSet(true);
    }

    @Override
    public void onNext(ReadLogResponse part) {
      parts.incrementAndGet();
      if (!ready.getAndSet(false)) {
        pushed.incrementAndGet();
      }
    }

    @Override
    public void onError(Throwable failure) {
      done = true;
    }

    @Override
    public void onCompleted() {
      done = true;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }

  @Test
  void logOfAnotherNodeComesNoFasterThanItsReaderTakesIt() {
    try (var cell = new Cell()) {
      cell.serve(OWNER, List.of(new Owner()));
      cell.serve(ASKED, List.of(new Table()));
      cell.lead(ASKED);
      var reader = new SlowReader();
      new LogStreams(new RunTable(), cell.of(ASKED))
          .read(ReadLogRequest.newBuilder().setJobId("a").build(), reader);
      await().until(() -> reader.done);
      assertThat(reader.parts).hasValue(PARTS);
      assertThat(reader.pushed).hasValue(0);
    }
  }
}
