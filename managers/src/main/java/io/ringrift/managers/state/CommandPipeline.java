package io.ringrift.managers.state;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.CommandResultBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Puts commands through the ledger, one entry at a time: whatever came while the last entry was on
/// its way goes into the next, without timers (group commit). A command that the present state
/// already settles never reaches the log. Any thread; nothing here blocks.
final class CommandPipeline {
  private record Waiting(Command command, CompletableFuture<CommandResult> answer) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final ClusterStore store;
  private final Ledger ledger;
  private final CommandStamps stamps;
  private final StateConfig config;
  private @Nullable Epoch epoch;
  private boolean inFlight;

  CommandPipeline(ClusterStore store, Ledger ledger, CommandStamps stamps, StateConfig config) {
    this.store = store;
    this.ledger = ledger;
    this.stamps = stamps;
    this.config = config;
  }

  /// This node's duties as leader begin.
  void open(Epoch opened) {
    stamps.open(store.read(state -> state.clock().ledgerMillis()));
    lock.lock();
    try {
      epoch = opened;
    } finally {
      lock.unlock();
    }
  }

  /// They are over: what waits is refused, what is on its way ends as the ledger says.
  void close() {
    List<Waiting> refused;
    lock.lock();
    try {
      epoch = null;
      refused = new ArrayList<>(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    refused.forEach(w -> w.answer().completeExceptionally(notLeader()));
  }

  /// The epoch in which commands are taken.
  Optional<Epoch> epoch() {
    lock.lock();
    try {
      return Optional.ofNullable(epoch);
    } finally {
      lock.unlock();
    }
  }

  /// Takes one command. The future gives its result, which may be a refusal, or fails with a
  /// `Refusal` of the ledger.
  CompletableFuture<CommandResult> submit(Command asked) {
    var answer = new CompletableFuture<CommandResult>();
    Optional<Epoch> now = epoch();
    if (now.isEmpty()) {
      answer.completeExceptionally(notLeader());
      return answer;
    }
    Command command = stamps.fill(asked);
    Command timed = stamps.time(command, now.get());
    Optional<CommandResult> settled = store.read(state -> state.preview(timed));
    if (settled.isPresent()) {
      answer.complete(settled.get());
      return answer;
    }
    if (enqueue(new Waiting(command, answer))) {
      pump();
    }
    return answer;
  }

  private boolean enqueue(Waiting one) {
    Refusal refusal;
    lock.lock();
    try {
      if (epoch != null && waiting.size() < config.mostWaiting()) {
        waiting.add(one);
        return true;
      }
      refusal =
          epoch == null
              ? notLeader()
              : new Refusal(
                  Reason.OVERLOADED,
                  config.mostWaiting() + " commands are waiting for the ledger; try again later");
    } finally {
      lock.unlock();
    }
    one.answer().completeExceptionally(refusal);
    return false;
  }

  private void pump() {
    var batch = new ArrayList<Waiting>();
    var entry = CommandBatch.newBuilder();
    Epoch leading;
    lock.lock();
    try {
      if (inFlight || waiting.isEmpty() || epoch == null) {
        return;
      }
      leading = epoch;
      inFlight = true;
      int bytes = 0;
      while (!waiting.isEmpty() && batch.size() < config.mostBatched()) {
        int size = waiting.getFirst().command().getSerializedSize();
        if (!batch.isEmpty() && bytes + size > config.mostBatchedBytes()) {
          break;
        }
        bytes += size;
        Waiting next = waiting.removeFirst();
        batch.add(next);
        entry.addCommands(stamps.time(next.command(), leading));
      }
    } finally {
      lock.unlock();
    }
    var _ =
        ledger
            .propose(leading, entry.build().toByteArray())
            .whenComplete((applied, failure) -> finish(batch, applied, failure));
  }

  private void finish(
      List<Waiting> batch, Ledger.@Nullable Applied applied, @Nullable Throwable failure) {
    lock.lock();
    try {
      inFlight = false;
    } finally {
      lock.unlock();
    }
    pump();
    if (applied == null) {
      Throwable cause = failure == null ? notLeader() : failure;
      batch.forEach(w -> w.answer().completeExceptionally(cause));
      return;
    }
    List<CommandResult> results = results(applied);
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).answer().complete(results.get(i));
    }
  }

  private static List<CommandResult> results(Ledger.Applied applied) {
    try {
      return CommandResultBatch.parseFrom(applied.result()).getResultsList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the state machine answered with something unreadable", e);
    }
  }

  private static Refusal notLeader() {
    return new Refusal(
        Reason.NOT_LEADER, "this node does not lead now; ask who leads and try again there");
  }
}
