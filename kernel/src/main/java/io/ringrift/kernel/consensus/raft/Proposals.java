package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.ledger.v1.RaftEntry;
import io.ringrift.ledger.v1.RaftOutcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.jspecify.annotations.Nullable;

/// Offers entries to the own division, in order, on one thread, and tells what became of each:
/// written nothing, executed, or unknown. Bounded by number and by bytes. Any thread; nothing here
/// blocks its caller.
final class Proposals implements AutoCloseable {
  /// An entry that was executed here.
  record Placed(long index, RaftOutcome outcome) {}

  private static final class Call {
    final long bytes;
    final CompletableFuture<Placed> answer = new CompletableFuture<>();

    /// Whether it was handed to a division, which may write it into its log at any time from now
    /// on.
    volatile boolean handed;

    /// Whether it may stand in the log.
    volatile boolean appending;

    Call(long bytes) {
      this.bytes = bytes;
    }
  }

  private final Supplier<Optional<RaftDivision>> division;
  private final long mostBytes;
  private final Map<Long, Call> calls = new ConcurrentHashMap<>();
  private final AtomicLong bytesWaiting = new AtomicLong();
  private final AtomicLong lastCall = new AtomicLong();
  private final ThreadPoolExecutor proposer;

  Proposals(String name, Supplier<Optional<RaftDivision>> division, long mostBytes) {
    this.division = division;
    this.mostBytes = mostBytes;
    this.proposer =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(2 * RaftTuning.MOST_PENDING),
            Thread.ofPlatform().daemon().name("proposer-" + name).factory());
  }

  /// A number that no other request has.
  long nextCall() {
    return lastCall.incrementAndGet();
  }

  /// Fails with a `Refusal`: NOT_LEADER or OVERLOADED when nothing was written, else
  /// OUTCOME_UNKNOWN.
  CompletableFuture<Placed> offer(RaftEntry entry) {
    int size = entry.getSerializedSize();
    if (calls.size() >= RaftTuning.MOST_PENDING || bytesWaiting.get() + size > mostBytes) {
      return CompletableFuture.failedFuture(overloaded());
    }
    long id = nextCall();
    var call = new Call(size);
    bytesWaiting.addAndGet(size);
    calls.put(id, call);
    try {
      proposer.execute(() -> submit(id, call, entry));
    } catch (RejectedExecutionException e) {
      fail(id, call, proposer.isShutdown() ? Refusals.shuttingDown() : overloaded());
    }
    return call.answer;
  }

  /// Ratis is about to write that request into its log.
  void appending(long id) {
    Call call = calls.get(id);
    if (call != null) {
      call.appending = true;
    }
  }

  /// The division ended: whatever is on its way is settled now.
  void failAll(String cause) {
    for (var entry : List.copyOf(calls.entrySet())) {
      Call call = entry.getValue();
      settle(entry.getKey(), call);
      // Looked at behind `settle`, as `submit` looks the other way round: one of both sees the
      // other, so what was answered with "nothing is written" is not written.
      call.answer.completeExceptionally(call.handed ? unknown(cause) : notLeader(cause));
    }
  }

  private void submit(long id, Call call, RaftEntry entry) {
    call.handed = true;
    if (!calls.containsKey(id)) {
      return; // answered meanwhile
    }
    Optional<RaftDivision> open = division.get();
    if (open.isEmpty()) {
      fail(id, call, ended(call, "raft does not run here"));
      return;
    }
    try {
      var _ =
          open.get()
              .write(id, RaftEntries.message(entry))
              .whenComplete((reply, failure) -> finish(id, call, reply, failure));
    } catch (IOException | RuntimeException e) {
      finish(id, call, null, e);
    }
  }

  private void finish(
      long id, Call call, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
    Throwable cause = failure;
    if (reply != null) {
      if (reply.isSuccess()) {
        settle(id, call);
        call.answer.complete(
            new Placed(reply.getLogIndex(), RaftEntries.outcome(reply.getMessage().getContent())));
        return;
      }
      cause = reply.getException();
    }
    fail(id, call, refusal(call, cause));
  }

  private static Refusal refusal(Call call, @Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    if (!call.appending && cause instanceof ResourceUnavailableException) {
      return overloaded();
    }
    if (cause instanceof StateMachineException) {
      return unknown("it could not be executed here");
    }
    return ended(call, cause == null ? "no cause" : String.valueOf(cause.getMessage()));
  }

  private static Refusal ended(Call call, String cause) {
    return call.appending ? unknown(cause) : notLeader(cause);
  }

  private static Refusal notLeader(String cause) {
    return new Refusal(
        Reason.NOT_LEADER,
        "cannot propose here: this node does not lead now (" + cause + "); ask who leads");
  }

  private static Refusal unknown(String cause) {
    return new Refusal(
        Reason.OUTCOME_UNKNOWN,
        "leadership ended before the command was confirmed ("
            + cause
            + "); repeat it under the same request_id");
  }

  private static Refusal overloaded() {
    return new Refusal(
        Reason.OVERLOADED,
        "the ledger has more waiting than it takes; wait a little and ask again");
  }

  private void fail(long id, Call call, Refusal refusal) {
    settle(id, call);
    call.answer.completeExceptionally(refusal);
  }

  private void settle(long id, Call call) {
    if (calls.remove(id, call)) {
      bytesWaiting.addAndGet(-call.bytes);
    }
  }

  @Override
  public void close() {
    proposer.shutdown();
    failAll("this node is shutting down");
  }
}
