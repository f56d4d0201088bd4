package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;

/// What Ratis takes for the state machine: hands every entry, its own ones too, to the applier in
/// log order, so that the applied place never goes backwards. Lives as long as one division. Ratis'
/// threads call it.
final class CommandMachine extends BaseStateMachine {
  private final StateMachine machine;
  private final DivisionEvents events;
  private final Consumer<String> onMended;
  private final SnapshotFiles snapshots = new SnapshotFiles();

  /// Ratis' updating thread, and before it begins the one that opens.
  private final SnapshotPace pace;

  private final BatchExecution execution;
  private final Applier applier;
  private final AtomicReference<Optional<Throwable>> logFailure =
      new AtomicReference<>(Optional.empty());

  /// @param snapshotEvery least number of entries between two snapshots
  /// @param onMended told of damage that is no more, on the thread that opens
  CommandMachine(
      String name,
      StateMachine machine,
      int snapshotEvery,
      DivisionEvents events,
      Runnable onFatal,
      Consumer<String> onMended) {
    this.onMended = onMended;
    this.pace = new SnapshotPace(snapshotEvery);
    this.machine = machine;
    this.events = events;
    this.execution = new BatchExecution(machine, this::updateLastAppliedTermIndex, events::applied);
    this.applier = new Applier(name, execution, onFatal);
  }

  /// Why this replica cannot go on; empty while it can.
  Optional<String> failure() {
    return applier
        .failure()
        .map(Refusal::text)
        .or(() -> logFailure.get().map(t -> "the raft log failed: " + t));
  }

  /// Whether a snapshot is being saved or restored, or the whole state by an entry.
  boolean busyAside() {
    return applier.busyAside() || machine.busyWithAll();
  }

  /// Whether nothing of this touches the state machine any more.
  boolean ended() {
    return applier.ended();
  }

  /// See `Applier.awaitEnd`.
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return applier.awaitEnd(limit);
  }

  /// See `Applier.abandon`. Any thread; does not block.
  void abandon() {
    applier.abandon();
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    super.initialize(server, group, storage);
    getLifeCycle().startAndTransition(() -> applier.run(() -> begin(storage)), IOException.class);
    noteSnapshot();
  }

  private void begin(RaftStorage storage) throws IOException {
    snapshots.open(storage, machine).ifPresent(onMended);
    snapshots.newest().ifPresent(this::setLastAppliedTermIndex);
    events.applied(execution.at(getLastAppliedTermIndex()));
  }

  private void noteSnapshot() {
    snapshots
        .newest()
        .ifPresent(covered -> pace.taken(covered.getIndex(), snapshots.newestBytes()));
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction) {
    var request = transaction.getClientRequest();
    if (request != null) {
      events.appending(request.getCallId());
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    pace.logged(entry.getSerializedSize());
    var answer = new CompletableFuture<Message>();
    applier.put(
        new Applier.Item.Ours(
            TermIndex.valueOf(entry),
            RaftEntries.parse(entry.getStateMachineLogEntry().getLogData()),
            answer));
    return answer;
  }

  /// Entries of Ratis' own.
  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    applier.put(new Applier.Item.Theirs(TermIndex.valueOf(term, index)));
  }

  /// Asked with every entry once there are enough of them since the last snapshot.
  @Override
  public long takeSnapshot() throws IOException {
    if (!pace.due(getLastAppliedTermIndex().getIndex())) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    applier.run(() -> snapshots.save(machine, getLastAppliedTermIndex()));
    noteSnapshot();
    return getLastAppliedTermIndex().getIndex();
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return snapshots.storage();
  }

  /// Before an installed snapshot takes the place of what is here. Again, when the one before could
  /// not be put in its place.
  @Override
  public void pause() {
    if (getLifeCycleState() == LifeCycle.State.PAUSED) {
      return;
    }
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public void reinitialize() throws IOException {
    getLifeCycle().transition(LifeCycle.State.STARTING);
    applier.run(
        () -> {
          snapshots.restore(machine);
          TermIndex covered = snapshots.newest().orElseThrow();
          setLastAppliedTermIndex(covered);
          events.applied(execution.at(covered));
        });
    noteSnapshot();
    getLifeCycle().transition(LifeCycle.State.RUNNING);
    events.changed();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    events.changed();
  }

  @Override
  public void notifyLeaderReady() {
    events.changed();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    events.changed();
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    logFailure.set(Optional.of(cause));
    events.changed();
  }

  @Override
  public void close() {
    applier.close();
  }
}
