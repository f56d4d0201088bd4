package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.Refusals;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Linearizable read points as entries of the log: one in flight, shared by all that were asked for
/// before it was offered; whoever asks meanwhile shares the next. Ratis' own read is answered from
/// a commit index that was confirmed once, however long ago. Any thread.
final class ReadPoints {
  private static final int MOST = 4_096;

  private final ReentrantLock lock = new ReentrantLock();
  private final Proposals proposals;
  private final Supplier<Leadership> leadership;
  private List<CompletableFuture<Long>> waiting = new ArrayList<>();
  private boolean inFlight;

  ReadPoints(Proposals proposals, Supplier<Leadership> leadership) {
    this.proposals = proposals;
    this.leadership = leadership;
  }

  CompletableFuture<Long> ask() {
    Leadership now = leadership.get();
    if (now.role() != Role.LEADER) {
      return CompletableFuture.failedFuture(Refusals.notLeader(now, "read"));
    }
    var point = new CompletableFuture<Long>();
    lock.lock();
    try {
      if (waiting.size() >= MOST) {
        return CompletableFuture.failedFuture(
            new Refusal(
                Reason.OVERLOADED, MOST + " reads wait for a majority; wait a little, ask again"));
      }
      waiting.add(point);
      if (inFlight) {
        return point;
      }
      inFlight = true;
    } finally {
      lock.unlock();
    }
    offer();
    return point;
  }

  private void offer() {
    List<CompletableFuture<Long>> shared;
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        inFlight = false;
        return;
      }
      shared = waiting;
      waiting = new ArrayList<>();
    } finally {
      lock.unlock();
    }
    var _ =
        proposals
            .offer(RaftEntries.mark(leadership.get().epoch()))
            .whenComplete((placed, failure) -> finish(shared, placed, failure));
  }

  private void finish(
      List<CompletableFuture<Long>> shared,
      Proposals.@Nullable Placed placed,
      @Nullable Throwable failure) {
    offer();
    if (placed != null) {
      shared.forEach(point -> point.complete(placed.index()));
      return;
    }
    Refusal refusal =
        failure instanceof Refusal known && known.reason() != Reason.OUTCOME_UNKNOWN
            ? known
            : new Refusal(
                Reason.NO_QUORUM,
                "leadership ended before a majority confirmed the read; ask again");
    shared.forEach(point -> point.completeExceptionally(refusal));
  }
}
