package io.ringrift.node.client;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkStreamRequest;
import io.ringrift.queue.v1.WorkStreamResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The calls of many workers over one `QueueService.WorkStream`. Calls that are made while a
/// message is under way gather for the next one. A stream that ends fails every open call, whose
/// outcome is unknown then, and serves no further ones: the owner asks who leads and opens another.
/// Any thread; nothing blocks. Futures end on the channel's executor.
public final class WorkStreamClient implements AutoCloseable {
  private static final int MOST_PER_MESSAGE = 256;

  /// Calls that may be open at once.
  public static final int MOST_OPEN = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<WorkCall> gathered = new ArrayDeque<>();
  private final Map<Long, CompletableFuture<WorkAnswer>> open = new HashMap<>();
  private final Stream stream = new Stream();
  private long lastId;
  private long sent;
  private long done;
  private @Nullable Throwable end;

  /// @param channel to the node that leads
  public WorkStreamClient(Channel channel) {
    QueueServiceGrpc.newStub(channel).workStream(stream);
  }

  /// Makes calls, which share a message unless they are many; ids are given here. An answer may be
  /// a refusal. The futures fail with `StatusRuntimeException`: RESOURCE_EXHAUSTED above
  /// `MOST_OPEN`, otherwise as the stream did.
  public List<CompletableFuture<WorkAnswer>> call(WorkCall.Builder... calls) {
    var answers = new ArrayList<CompletableFuture<WorkAnswer>>(calls.length);
    Throwable failure = null;
    lock.lock();
    try {
      failure = open.size() + calls.length > MOST_OPEN ? tooMany() : end;
      for (WorkCall.Builder call : calls) {
        var answer = new CompletableFuture<WorkAnswer>();
        answers.add(answer);
        if (failure == null) {
          open.put(++lastId, answer);
          gathered.add(call.setCallId(lastId).build());
        }
      }
      flush();
    } finally {
      lock.unlock();
    }
    if (failure != null) {
      for (var answer : answers) {
        answer.completeExceptionally(failure);
      }
    }
    return answers;
  }

  private static Throwable tooMany() {
    return Status.RESOURCE_EXHAUSTED
        .withDescription(MOST_OPEN + " calls are open on this stream; wait for answers")
        .asRuntimeException();
  }

  /// Under the lock.
  private void flush() {
    if (gathered.isEmpty() || done < sent || end != null) {
      return;
    }
    var message = WorkStreamRequest.newBuilder();
    while (!gathered.isEmpty() && message.getCallsCount() < MOST_PER_MESSAGE) {
      message.addCalls(gathered.remove());
    }
    sent++;
    stream.send(message.build());
  }

  private void take(WorkStreamResponse response) {
    var ready = new ArrayList<Map.Entry<CompletableFuture<WorkAnswer>, WorkAnswer>>();
    lock.lock();
    try {
      done = Math.max(done, response.getMessagesDone());
      for (WorkAnswer answer : response.getAnswersList()) {
        var waiting = open.remove(answer.getCallId());
        if (waiting != null) {
          ready.add(Map.entry(waiting, answer));
        }
      }
    } finally {
      lock.unlock();
    }
    ready.forEach(one -> one.getKey().complete(one.getValue()));
    lock.lock();
    try {
      flush();
    } finally {
      lock.unlock();
    }
  }

  private void ended(Throwable cause) {
    List<CompletableFuture<WorkAnswer>> lost;
    lock.lock();
    try {
      end = cause;
      lost = List.copyOf(open.values());
      open.clear();
      gathered.clear();
    } finally {
      lock.unlock();
    }
    lost.forEach(answer -> answer.completeExceptionally(cause));
  }

  /// Cancels the stream and fails what is open.
  @Override
  public void close() {
    ended(Status.CANCELLED.withDescription("closed by its owner").asRuntimeException());
    stream.cancel();
  }

  private final class Stream
      implements ClientResponseObserver<WorkStreamRequest, WorkStreamResponse> {
    private @Nullable ClientCallStreamObserver<WorkStreamRequest> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<WorkStreamRequest> observer) {
      requests = observer;
    }

    private void send(WorkStreamRequest message) {
      if (requests != null) {
        requests.onNext(message);
      }
    }

    private void cancel() {
      if (requests != null) {
        requests.cancel("closed by its owner", null);
      }
    }

    @Override
    public void onNext(WorkStreamResponse response) {
      take(response);
    }

    @Override
    public void onError(Throwable failure) {
      ended(failure);
    }

    @Override
    public void onCompleted() {
      ended(Status.UNAVAILABLE.withDescription("the server ended the stream").asRuntimeException());
    }
  }
}
