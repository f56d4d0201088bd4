package io.ringrift.managers.queue;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.ApplyCommandResponse;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.WatchStateRequest;
import io.ringrift.state.v1.WatchStateResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Claims that wait for work. A claim first tries by itself; one that finds nothing waits in the
/// order of arrival, and when the state tells of claimable work, the waiting are tried in that
/// order, a group at a time so that their claims share ledger entries. Those that were denied a
/// training or self-play are tried again every second: for whom a training was kept may not come,
/// and a game that ends gives no hint.
final class ClaimDesk {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimDesk.class);
  private static final int GROUP = 64;
  private static final long TRY_MILLIS = 10_000;

  /// How often a claim that waits looks whether its client is still there.
  private static final long LOOK_MILLIS = 1_000;

  private enum Stage {
    WAITING,
    TRYING,
    GONE
  }

  private record Waiter(
      ClaimWorkRequest request,
      BooleanSupplier gone,
      AtomicReference<Stage> stage,
      CompletableFuture<ClaimWorkResponse> answer) {
    /// Its client has left: it gets nothing any more, unless a try for it is under way.
    private void leave() {
      if (stage.compareAndSet(Stage.WAITING, Stage.GONE)) {
        answer.complete(ClaimWorkResponse.getDefaultInstance());
      }
    }
  }

  private final Services services;
  private final TrainingTurns turns;
  private final SelfplayTurns games;
  private final Semaphore places;
  private final ConcurrentLinkedQueue<Waiter> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wakes = new AtomicInteger();
  private final AtomicBoolean watching = new AtomicBoolean();

  ClaimDesk(Services services, TrainingTurns turns, SelfplayTurns games, int mostWaiters) {
    this.services = services;
    this.turns = turns;
    this.games = games;
    this.places = new Semaphore(mostWaiters);
  }

  int waiting() {
    return waiting.size();
  }

  /// Claims, waiting as long as the request says. Blocks its (virtual) thread.
  ///
  /// @param gone see `awaitWork`
  ClaimWorkResponse claim(ClaimWorkRequest request, BooleanSupplier gone) {
    var first = answerOf(submit(request, turns.round()));
    return first.getItemsCount() > 0 ? first : awaitWork(request, gone);
  }

  /// For a claim that found nothing: waits as long as the request says, which may be not at all.
  /// Blocks its (virtual) thread.
  ///
  /// @param gone whether the client has left: what it was granted would wait for the lease's end.
  ///   The call itself has to be asked, for its own thread, which is this one, hears of nothing
  ClaimWorkResponse awaitWork(ClaimWorkRequest request, BooleanSupplier gone) {
    long millis = WorkChecks.millis(request.getWait());
    if (millis <= 0) {
      return ClaimWorkResponse.getDefaultInstance();
    }
    if (!places.tryAcquire()) {
      throw new Refusal(
          Reason.OVERLOADED, "too many claims are waiting already; claim again with wait 0");
    }
    var waiter =
        new Waiter(request, gone, new AtomicReference<>(Stage.WAITING), new CompletableFuture<>());
    waiting.add(waiter);
    try {
      watch();
      wake();
      return await(waiter, millis);
    } finally {
      waiting.remove(waiter);
      places.release();
    }
  }

  private ClaimWorkResponse await(Waiter waiter, long millis) {
    for (long left = millis; left > 0; left -= LOOK_MILLIS) {
      try {
        return get(waiter, Math.min(left, LOOK_MILLIS));
      } catch (TimeoutException e) {
        if (waiter.gone().getAsBoolean()) {
          waiter.leave();
        } else if (turns.due() || games.due()) {
          wake();
        }
      }
    }
    return lastWord(waiter);
  }

  private static ClaimWorkResponse lastWord(Waiter waiter) {
    if (waiter.stage().compareAndSet(Stage.WAITING, Stage.GONE)) {
      return ClaimWorkResponse.getDefaultInstance();
    }
    // A try is under way and may be granted something: its end has to be waited for.
    try {
      return get(waiter, TRY_MILLIS);
    } catch (TimeoutException late) {
      waiter.stage().set(Stage.GONE);
      return ClaimWorkResponse.getDefaultInstance();
    }
  }

  private static ClaimWorkResponse get(Waiter waiter, long millis) throws TimeoutException {
    try {
      return waiter.answer().get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException status) {
        throw status;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      waiter.stage().set(Stage.GONE);
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted", e);
    }
  }

  /// The claim as a command: for no more than it may have now.
  Command.Builder command(ClaimWorkRequest request) {
    return command(request, turns.round());
  }

  private Command.Builder command(ClaimWorkRequest request, TrainingTurns.Round round) {
    return WorkCommands.claim(request, round.narrowed(games.narrowed(request)));
  }

  private ListenableFuture<ApplyCommandResponse> submit(
      ClaimWorkRequest request, TrainingTurns.Round round) {
    var command = command(request, round);
    return StateServiceGrpc.newFutureStub(services.local())
        .withDeadlineAfter(TRY_MILLIS, TimeUnit.MILLISECONDS)
        .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  private static ClaimWorkResponse answerOf(ListenableFuture<ApplyCommandResponse> future) {
    try {
      return WorkCommands.claimed(future.get(TRY_MILLIS, TimeUnit.MILLISECONDS).getResult());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException status) {
        throw status;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new Refusal(Reason.OUTCOME_UNKNOWN, "the claim's outcome is not known; repeat it", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted", e);
    }
  }

  /// Tries the waiting soon; merged while a pass is under way.
  void wake() {
    if (wakes.getAndIncrement() == 0) {
      Thread.ofVirtual().name("claim-desk").start(this::serve);
    }
  }

  private void serve() {
    int seen;
    do {
      seen = wakes.get();
      tryAll();
    } while (wakes.addAndGet(-seen) != 0);
  }

  /// Whatever goes wrong, those that were not tried wait on and can be tried again.
  private void tryAll() {
    var group = new ArrayList<Waiter>(GROUP);
    try {
      for (Waiter waiter : List.copyOf(waiting)) {
        if (waiter.gone().getAsBoolean()) {
          waiter.leave();
        } else if (waiter.stage().compareAndSet(Stage.WAITING, Stage.TRYING)) {
          group.add(waiter);
        }
        if (group.size() == GROUP) {
          tryGroup(group);
          group.clear();
        }
      }
      tryGroup(group);
    } catch (RuntimeException e) {
      LOG.warn("not every claim that waits was tried; the next work tries them again", e);
      group.forEach(waiter -> waiter.stage().compareAndSet(Stage.TRYING, Stage.WAITING));
    }
  }

  private void tryGroup(List<Waiter> group) {
    var round = turns.round();
    var tries = group.stream().map(waiter -> submit(waiter.request(), round)).toList();
    for (int i = 0; i < group.size(); i++) {
      Waiter waiter = group.get(i);
      try {
        var answer = answerOf(tries.get(i));
        if (answer.getItemsCount() > 0) {
          waiter.answer().complete(answer);
        } else {
          waiter.stage().compareAndSet(Stage.TRYING, Stage.WAITING);
        }
      } catch (StatusRuntimeException e) {
        waiter.answer().completeExceptionally(e);
      } catch (Refusal e) {
        waiter.answer().completeExceptionally(Errors.toStatus(e));
      }
    }
  }

  /// Keeps one stream of hints open while somebody waits; a broken one is opened again by the next
  /// claim that waits.
  private void watch() {
    if (!watching.compareAndSet(false, true)) {
      return;
    }
    Context.ROOT.run(
        () ->
            StateServiceGrpc.newStub(services.local())
                .watchState(WatchStateRequest.getDefaultInstance(), new Hints()));
  }

  private final class Hints implements StreamObserver<WatchStateResponse> {
    @Override
    public void onNext(WatchStateResponse hint) {
      if (hint.getWorkAvailable()) {
        wake();
      }
    }

    @Override
    public void onError(Throwable failure) {
      watching.set(false);
    }

    @Override
    public void onCompleted() {
      watching.set(false);
    }
  }
}
