package io.ringrift.managers.state;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.CommandResultBatch;
import io.ringrift.state.v1.StateMark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/// The state machine of the ledger. The ledger's thread changes the state under the write lock and
/// stores the changes afterwards; readers on any thread hold the read lock for memory work only.
final class ClusterStore implements StateMachine {
  /// Most commands that may be waiting to be offered again.
  static final int MOST_DROPPED = 10_000;

  /// What one applied batch changed.
  record Applied(long index, boolean jobsChanged, boolean workChanged, boolean workAvailable) {}

  /// What is stored, and the hash of it.
  private record Stored(LogPosition position, String hash) {}

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final List<Consumer<Applied>> watchers = new CopyOnWriteArrayList<>();
  private final StateDisk disk;
  private final ReentrantLock onDisk = new ReentrantLock();
  private ClusterState state;
  private long memoryIndex;
  private StateHash hash = new StateHash();
  private final StateMarks marks = new StateMarks();
  private volatile Stored stored;
  private volatile Consumer<List<Command>> reoffer = _ -> {};
  private volatile ObjLongConsumer<String> switched = (_, _) -> {};
  private @Nullable StateImage image;

  /// Set by who holds `onDisk`.
  private volatile boolean busyWithAll;

  ClusterStore(KeyValueStore store) {
    this.disk = new StateDisk(store);
    this.state = disk.load(hash);
    this.stored = new Stored(disk.applied(), hash.hex());
    this.memoryIndex = stored.position().index();
  }

  /// Answers a question about the state. The function must not block nor keep the state.
  <T> T read(Function<ClusterState, T> question) {
    lock.readLock().lock();
    try {
      return question.apply(state);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Whether a question would be answered at once: nobody changes the state just now.
  boolean readable() {
    if (!lock.readLock().tryLock()) {
      return false;
    }
    lock.readLock().unlock();
    return !lock.hasQueuedThreads();
  }

  /// Answers a question together with the index that the answer includes.
  <T> At<T> readAt(Function<ClusterState, T> question) {
    return read(now -> new At<>(question.apply(now), memoryIndex));
  }

  /// A value and the ledger index it belongs to.
  record At<T>(T value, long index) {}

  /// Calls the watcher after each applied batch on the ledger's thread; it must return at once.
  AutoCloseable watch(Consumer<Applied> watcher) {
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /// Who offers dropped commands again; called on the ledger's thread and must return at once.
  void onDropped(Consumer<List<Command>> receiver) {
    reoffer = receiver;
  }

  /// Whether there is anything that somebody asked for.
  boolean holdsAnything() {
    return read(
        now ->
            now.jobs().counts().values().stream().anyMatch(n -> n > 0)
                || now.work().counts().values().stream().anyMatch(n -> n > 0)
                || now.requests().size() > 0);
  }

  /// Who is told the mode of consensus that the voters changed to, and the epoch of that change: at
  /// once when it is in the state already, else on the thread that brings it. It may be told the
  /// same again; must return at once.
  void onSwitched(ObjLongConsumer<String> receiver) {
    switched = receiver;
    tellMode();
  }

  private void tellMode() {
    String mode = read(now -> now.clock().mode());
    if (!mode.isEmpty()) {
      switched.accept(mode, read(now -> now.clock().modeEpoch()));
    }
  }

  /// Whether the voters agreed what the state begins with.
  boolean founded() {
    return read(now -> now.clock().founded());
  }

  @Override
  public List<byte[]> apply(List<LogEntry> entries) {
    if (entries.isEmpty()) {
      return List.of();
    }
    var results = new ArrayList<byte[]>(entries.size());
    onDisk.lock();
    try {
      int from = 0;
      long last = stored.position().index();
      for (int i = 0; i < entries.size(); i++) {
        long next = entries.get(i).index();
        if (StateMarks.between(last, next)) {
          results.addAll(applyAll(entries.subList(from, i)));
          marks.before(last, next, () -> stored.hash());
          from = i;
        }
        last = next;
      }
      results.addAll(applyAll(entries.subList(from, entries.size())));
    } finally {
      busyWithAll = false;
      onDisk.unlock();
    }
    return results;
  }

  private List<byte[]> applyAll(List<LogEntry> entries) {
    if (entries.isEmpty()) {
      return List.of();
    }
    var results = new ArrayList<byte[]>(entries.size());
    Map<Changes.Key, Changes.Values> changes;
    int readyBefore;
    int readyAfter;
    LogPosition last = entries.getLast().position();
    lock.writeLock().lock();
    try {
      readyBefore = state.work().ready().size();
      for (LogEntry entry : entries) {
        results.add(execute(entry));
      }
      readyAfter = state.work().ready().size();
      changes = state.changes().take();
      memoryIndex = last.index();
    } finally {
      lock.writeLock().unlock();
    }
    store(changes, last);
    stored = new Stored(last, hash.hex());
    tell(last, changes, readyAfter > 0 && availableAgain(changes, readyAfter, readyBefore));
    return results;
  }

  private void store(Map<Changes.Key, Changes.Values> changes, LogPosition at) {
    StateImage replacement = image;
    if (replacement == null) {
      disk.write(changes, at, hash);
      return;
    }
    image = null;
    hash = replacement.hash();
    disk.replace(replacement, changes, at);
  }

  /// Work may be claimable when the ready grew, when an item changed while some are ready (one may
  /// have left and another come), or when a drain was lifted.
  private static boolean availableAgain(
      Map<Changes.Key, Changes.Values> changes, int readyAfter, int readyBefore) {
    return readyAfter > readyBefore
        || changes.keySet().stream()
            .anyMatch(key -> key.family() == Family.WORK || key.family() == Family.DRAINS);
  }

  private void tell(LogPosition at, Map<Changes.Key, Changes.Values> changes, boolean available) {
    boolean jobs = changes.keySet().stream().anyMatch(key -> key.family() == Family.JOBS);
    boolean work = changes.keySet().stream().anyMatch(key -> key.family() == Family.WORK);
    if (changes.keySet().stream().anyMatch(key -> key.family() == Family.CLOCK)) {
      tellMode();
    }
    var summary = new Applied(at.index(), jobs, work, available);
    watchers.forEach(watcher -> watcher.accept(summary));
  }

  private byte[] execute(LogEntry entry) {
    return switch (entry.kind()) {
      case OPEN_EPOCH -> {
        state.openEpoch(entry.position(), new String(entry.payload(), StandardCharsets.UTF_8));
        yield new byte[0];
      }
      case COMMAND -> {
        var results = CommandResultBatch.newBuilder();
        try {
          for (Command command : CommandBatch.parseFrom(entry.payload()).getCommandsList()) {
            results.addResults(execute(command, entry.position()));
          }
        } catch (InvalidProtocolBufferException e) {
          results.clear().addResults(unreadable(entry, e));
        }
        yield results.build().toByteArray();
      }
    };
  }

  /// The end of a restore puts another state in this one's place: here, because a state cannot
  /// replace itself. What changed in this one in the same batch goes with it.
  private CommandResult execute(Command command, LogPosition at) {
    CommandResult result = state.apply(command, at);
    if (!command.hasEndRestore() || !result.getReason().isEmpty() || result.getDuplicate()) {
      return result;
    }
    busyWithAll = true;
    try {
      StateImage fresh = StateImage.unpack(state.restores().bytes());
      result = fresh.state().replace(state, command, at);
      image = fresh;
      state = fresh.state();
      return result;
    } catch (Refusal unsound) {
      return CommandResult.newBuilder()
          .setReason(unsound.reason().name())
          .setMessage(unsound.text() + "; nothing was replaced")
          .setIndex(at.index())
          .build();
    }
  }

  private static CommandResult unreadable(LogEntry entry, InvalidProtocolBufferException cause) {
    return CommandResult.newBuilder()
        .setReason(Reason.INVALID_ARGUMENT.name())
        .setMessage("the entry is no batch of commands: " + cause.getMessage())
        .setIndex(entry.index())
        .build();
  }

  @Override
  public LogPosition applied() {
    return stored.position();
  }

  /// Hashes at places that every replica marks, and at the last one; oldest first. Any thread.
  List<StateMark> marks() {
    onDisk.lock();
    try {
      var all = new ArrayList<>(marks.all());
      all.add(StateMarks.mark(stored.position().index(), stored.hash()));
      return all;
    } finally {
      onDisk.unlock();
    }
  }

  /// The greatest epoch in the state: a restored one is ahead of this cluster's elections.
  @Override
  public Epoch greatestEpoch() {
    return new Epoch(read(now -> now.clock().epoch()));
  }

  @Override
  public boolean busyWithAll() {
    return busyWithAll;
  }

  @Override
  public void snapshot(OutputStream out) throws IOException {
    disk.snapshot(out, stored.hash());
  }

  /// The whole state as of one place of the log. Any thread; the ledger waits meanwhile.
  Export export() {
    var out = new ByteArrayOutputStream();
    onDisk.lock();
    busyWithAll = true;
    try {
      Stored now = stored;
      disk.snapshot(out, now.hash());
      return new Export(out.toByteArray(), now.position(), now.hash(), greatestEpoch());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be written", e);
    } finally {
      busyWithAll = false;
      onDisk.unlock();
    }
  }

  /// A snapshot and what it is a snapshot of.
  record Export(byte[] snapshot, LogPosition position, String stateHash, Epoch epoch) {}

  @Override
  public void restore(LogPosition position, InputStream in) throws IOException {
    StateImage whole = StateImage.read(in);
    onDisk.lock();
    try {
      disk.replace(whole, Map.of(), position);
      takeOver(position);
    } finally {
      onDisk.unlock();
    }
  }

  /// The memory may hold what a failed write did not store; applying that again on top of itself
  /// would make this replica differ from the others.
  @Override
  public void reload() {
    onDisk.lock();
    try {
      disk.reopen();
      takeOver(disk.applied());
    } finally {
      onDisk.unlock();
    }
  }

  /// Replaces the memory by what is stored.
  private void takeOver(LogPosition position) {
    var freshHash = new StateHash();
    var fresh = disk.load(freshHash);
    lock.writeLock().lock();
    try {
      state = fresh;
      hash = freshHash;
      memoryIndex = position.index();
    } finally {
      lock.writeLock().unlock();
    }
    marks.clear();
    stored = new Stored(position, freshHash.hex());
    tellMode();
    var summary = new Applied(position.index(), true, true, true);
    watchers.forEach(watcher -> watcher.accept(summary));
  }

  @Override
  public String stateHash() {
    return stored.hash();
  }

  /// Additions with a request id are harmless to repeat, however late. Anything else may have been
  /// undone meanwhile by its client, and the leader's own commands are made anew by its loops.
  @Override
  public void dropped(List<LogEntry> entries) {
    var again = new ArrayList<Command>();
    for (LogEntry entry : entries) {
      if (entry.kind() == LogEntry.Kind.COMMAND) {
        repeatable(entry).stream().limit(MOST_DROPPED - again.size()).forEach(again::add);
      }
    }
    if (!again.isEmpty()) {
      reoffer.accept(again);
    }
  }

  /// A batch that nobody can read was refused when it was applied and would be refused again.
  private static List<Command> repeatable(LogEntry entry) {
    try {
      return CommandBatch.parseFrom(entry.payload()).getCommandsList().stream()
          .filter(command -> !command.getRequestId().isEmpty())
          .filter(command -> command.hasAddJob() || command.hasAddWork())
          .toList();
    } catch (InvalidProtocolBufferException e) {
      return List.of();
    }
  }
}
