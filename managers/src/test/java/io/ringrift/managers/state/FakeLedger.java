package io.ringrift.managers.state;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/// A ledger whose log one voter keeps. Entries wait until the test commits them, unless
/// `immediate`; then whoever follows the log hears of them.
final class FakeLedger implements Ledger {
  private record Offered(LogEntry entry, CompletableFuture<Applied> answer) {}

  private final StateMachine machine;
  private final ArrayDeque<Offered> offered = new ArrayDeque<>();
  private final List<LogEntry> log = new ArrayList<>();
  private final List<Consumer<LogEntry>> followers = new ArrayList<>();
  final List<byte[]> proposals = new ArrayList<>();
  volatile boolean immediate;

  /// Whether the answer to the next entry that is committed gets lost.
  volatile boolean losesAnswer;

  /// Why an entry is not taken; asked before it has a place.
  volatile Function<byte[], Optional<Refusal>> refuses = _ -> Optional.empty();

  private long index;

  FakeLedger(StateMachine machine) {
    this.machine = machine;
    this.index = machine.applied().index();
  }

  synchronized void openEpoch(long epoch, String leader) {
    index++;
    execute(Ledgers.open(epoch, index, leader));
    if (epoch == 1) {
      index++;
      execute(Ledgers.found(epoch, index));
    }
  }

  private byte[] execute(LogEntry entry) {
    byte[] result = machine.apply(List.of(entry)).getFirst();
    log.add(entry);
    followers.forEach(follower -> follower.accept(entry));
    return result;
  }

  /// Hands over the whole log and then every entry to come, on the thread that commits it.
  synchronized void follow(Consumer<LogEntry> follower) {
    log.forEach(follower);
    followers.add(follower);
  }

  synchronized void unfollow(Consumer<LogEntry> follower) {
    followers.remove(follower);
  }

  @Override
  public CompletableFuture<Applied> propose(Epoch epoch, byte[] command) {
    Optional<Refusal> refusal = refuses.apply(command);
    if (refusal.isPresent()) {
      return CompletableFuture.failedFuture(refusal.get());
    }
    var answer = new CompletableFuture<Applied>();
    synchronized (this) {
      proposals.add(command);
      index++;
      var entry = new LogEntry(new LogPosition(epoch, index), LogEntry.Kind.COMMAND, command);
      offered.add(new Offered(entry, answer));
    }
    if (immediate) {
      commit();
    }
    return answer;
  }

  /// Commits the oldest entry that waits.
  void commit() {
    Offered next;
    byte[] result;
    synchronized (this) {
      next = offered.remove();
      result = execute(next.entry());
    }
    if (losesAnswer) {
      losesAnswer = false;
      next.answer().completeExceptionally(new Refusal(Reason.OUTCOME_UNKNOWN, "lost"));
      return;
    }
    next.answer().complete(new Applied(next.entry().position(), result));
  }

  /// Fails the oldest entry that waits.
  void fail(RuntimeException cause) {
    Offered next;
    synchronized (this) {
      next = offered.remove();
    }
    next.answer().completeExceptionally(cause);
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return CompletableFuture.completedFuture(machine.applied().index());
  }

  @Override
  public LedgerStatus status() {
    return new LedgerStatus(machine.applied(), index, index, 0, machine.stateHash());
  }

  @Override
  public AutoCloseable watch(Consumer<Long> watcher) {
    return () -> {};
  }
}
