package io.ringrift.managers.state;

import com.google.protobuf.CodedOutputStream;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Puts commands through the ledger, one entry at a time: whatever came while the last entry was on
/// its way goes into the next, without timers (group commit). A command that the present state
/// already settles never reaches the log. Any thread; nothing here blocks.
final class CommandPipeline {
  /// A command that waits, and the epoch it is for; 0 takes any.
  private record Waiting(Command command, long claimed, CompletableFuture<CommandResult> answer) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final ClusterStore store;
  private final Ledger ledger;
  private final CommandStamps stamps;
  private final Predicate<Epoch> leadsNow;
  private final StateConfig config;
  private @Nullable Epoch epoch;
  private boolean inFlight;
  private boolean held;

  CommandPipeline(
      ClusterStore store,
      Ledger ledger,
      CommandStamps stamps,
      Predicate<Epoch> leadsNow,
      StateConfig config) {
    this.store = store;
    this.ledger = ledger;
    this.stamps = stamps;
    this.leadsNow = leadsNow;
    this.config = config;
  }

  /// This node's duties as leader begin. Before the state is founded only what founds it is taken.
  void open(Epoch opened) {
    stamps.open(store.read(state -> state.clock().ledgerMillis()));
    lock.lock();
    try {
      epoch = opened;
    } finally {
      lock.unlock();
    }
  }

  /// Lets commands wait instead of proposing them, until `resume`; what is on its way goes on.
  void hold() {
    lock.lock();
    try {
      held = true;
    } finally {
      lock.unlock();
    }
  }

  void resume() {
    lock.lock();
    try {
      held = false;
    } finally {
      lock.unlock();
    }
    pump();
  }

  /// Proposes one command past all that wait.
  CompletableFuture<CommandResult> pass(Command command, Epoch in) {
    Command stamped = stamps.time(stamps.fill(command), in);
    return ledger
        .propose(in, CommandBatch.newBuilder().addCommands(stamped).build().toByteArray())
        .thenApply(applied -> results(applied).getFirst());
  }

  /// Takes a command of those that found the state, for this epoch only.
  CompletableFuture<CommandResult> found(Command command, Epoch in) {
    var answer = new CompletableFuture<CommandResult>();
    enqueue(new Waiting(stamps.fill(command), in.value(), answer));
    pump();
    return answer;
  }

  /// They are over: what waits is refused, what is on its way ends as the ledger says.
  void close() {
    List<Waiting> refused;
    lock.lock();
    try {
      epoch = null;
      held = false;
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

  /// Takes one command for an epoch, or for any when that is 0: what was decided in one epoch must
  /// not act in another. The future gives its result, which may be a refusal, or fails with a
  /// `Refusal` of the ledger. What is answered from memory is answered only while the lease runs.
  CompletableFuture<CommandResult> submit(Command asked, long claimed) {
    var answer = place(asked, claimed, true);
    pump();
    return answer;
  }

  /// As `submit` for each of them, in order and in one entry as far as it holds them. Behind the
  /// first that needs the ledger memory is not asked any more: what that one does is missing there.
  List<CompletableFuture<CommandResult>> submitAll(List<Command> asked, long claimed) {
    var answers = new ArrayList<CompletableFuture<CommandResult>>(asked.size());
    boolean fromMemory = true;
    for (Command command : asked) {
      var answer = place(command, claimed, fromMemory);
      fromMemory = fromMemory && answer.isDone();
      answers.add(answer);
    }
    pump();
    return answers;
  }

  /// Answers from memory or puts into the row of those that wait.
  private CompletableFuture<CommandResult> place(Command asked, long claimed, boolean fromMemory) {
    var answer = new CompletableFuture<CommandResult>();
    Optional<Epoch> now = epoch();
    if (now.isEmpty() || !store.founded()) {
      answer.completeExceptionally(notLeader());
      return answer;
    }
    Command command = stamps.fill(asked);
    Optional<CommandResult> settled = fromMemory ? preview(command, now.get()) : Optional.empty();
    if (settled.isPresent() && isFor(now.get(), claimed)) {
      if (leadsNow.test(now.get())) {
        answer.complete(settled.get());
      } else {
        answer.completeExceptionally(notLeader());
      }
      return answer;
    }
    enqueue(new Waiting(command, claimed, answer));
    return answer;
  }

  private Optional<CommandResult> preview(Command command, Epoch now) {
    Command timed = stamps.time(command, now);
    return store.read(state -> state.preview(timed));
  }

  private void enqueue(Waiting one) {
    Refusal refusal;
    lock.lock();
    try {
      if (epoch == null) {
        refusal = notLeader();
      } else if (!isFor(epoch, one.claimed())) {
        refusal = stale(one.claimed(), epoch);
      } else if (waiting.size() >= config.mostWaiting()) {
        refusal =
            new Refusal(
                Reason.OVERLOADED,
                config.mostWaiting() + " commands are waiting for the ledger; try again later");
      } else {
        waiting.add(one);
        return;
      }
    } finally {
      lock.unlock();
    }
    one.answer().completeExceptionally(refusal);
  }

  private static boolean isFor(Epoch epoch, long claimed) {
    return claimed == 0 || claimed == epoch.value();
  }

  private static Refusal stale(long claimed, Epoch current) {
    return new Refusal(
            Reason.STALE_EPOCH,
            "order of epoch " + claimed + " refused: this node leads in epoch " + current.value())
        .with("current_epoch", Long.toString(current.value()));
  }

  private void pump() {
    var batch = new ArrayList<Waiting>();
    var entry = CommandBatch.newBuilder();
    Epoch leading;
    lock.lock();
    try {
      if (inFlight || held || waiting.isEmpty() || epoch == null) {
        return;
      }
      leading = epoch;
      inFlight = true;
      int bytes = 0;
      while (!waiting.isEmpty() && batch.size() < config.mostBatched()) {
        Command stamped = stamps.time(waiting.getFirst().command(), leading);
        int size =
            CodedOutputStream.computeMessageSize(CommandBatch.COMMANDS_FIELD_NUMBER, stamped);
        if (!batch.isEmpty() && bytes + size > config.mostBatchedBytes()) {
          break;
        }
        bytes += size;
        batch.add(waiting.removeFirst());
        entry.addCommands(stamped);
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
