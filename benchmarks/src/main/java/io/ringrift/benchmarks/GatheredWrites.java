package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.ApplyCommandsResponse;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Writes that share calls of `StateService.ApplyCommands`: what is asked for while a call is under
/// way goes with the next. Any thread; nothing blocks.
final class GatheredWrites {
  private static final int MOST_PER_CALL = 256;

  private record Waiting(Command command, CompletableFuture<CommandResult> answer) {}

  private final ManagedChannel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private boolean underWay;

  GatheredWrites(ManagedChannel channel) {
    this.channel = channel;
  }

  /// The future fails when the call did, or when this command was refused.
  CompletableFuture<CommandResult> write(Command command) {
    var one = new Waiting(command, new CompletableFuture<>());
    lock.lock();
    try {
      waiting.add(one);
    } finally {
      lock.unlock();
    }
    send();
    return one.answer();
  }

  private void send() {
    var batch = new ArrayList<Waiting>();
    var request = ApplyCommandsRequest.newBuilder();
    lock.lock();
    try {
      if (underWay) {
        return;
      }
      while (!waiting.isEmpty() && batch.size() < MOST_PER_CALL) {
        batch.add(waiting.getFirst());
        request.addCommands(waiting.removeFirst().command());
      }
      underWay = !batch.isEmpty();
    } finally {
      lock.unlock();
    }
    if (!batch.isEmpty()) {
      var _ =
          Calls.unary(channel, StateServiceGrpc.getApplyCommandsMethod(), request.build())
              .whenComplete((answer, failure) -> finish(batch, answer, failure));
    }
  }

  private void finish(
      List<Waiting> batch, @Nullable ApplyCommandsResponse answer, @Nullable Throwable failure) {
    lock.lock();
    try {
      underWay = false;
    } finally {
      lock.unlock();
    }
    send();
    for (int i = 0; i < batch.size(); i++) {
      finish(batch.get(i).answer(), answer == null ? null : answer.getResults(i), failure);
    }
  }

  private static void finish(
      CompletableFuture<CommandResult> future,
      @Nullable CommandResult result,
      @Nullable Throwable failure) {
    if (result != null && result.getReason().isEmpty()) {
      future.complete(result);
    } else {
      String why = result == null ? "the call failed" : result.getMessage();
      future.completeExceptionally(failure == null ? new SpoiledRun(why, null) : failure);
    }
  }
}
