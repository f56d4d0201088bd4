package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;

/// One replica's log with what is committed and snapshotted of it: the part that is the same
/// whether this node leads or follows.
final class ReplicaLog {
  private final BullyConfig config;
  private final Rules rules;
  private final EntryLog log;
  private long commitIndex;
  private long snapshotIndex;
  private boolean snapshotAsked;

  ReplicaLog(BullyConfig config, Rules rules, BullyCore.Recovered recovered) {
    this.config = config;
    this.rules = rules;
    this.log = restored(recovered);
    this.commitIndex = recovered.applied().index();
    this.snapshotIndex = recovered.snapshot().index();
    if (log.end().index() < commitIndex || log.base().index() > commitIndex) {
      throw new IllegalStateException(
          "stored log "
              + log.base()
              + " to "
              + log.end()
              + " lacks applied "
              + recovered.applied());
    }
  }

  /// The stored log may begin with a kept tail, of whose predecessor only the index is known: its
  /// first entry then serves as the base.
  private static EntryLog restored(BullyCore.Recovered recovered) {
    List<LogEntry> entries = recovered.entries();
    if (entries.isEmpty() || entries.getFirst().index() == recovered.snapshot().index() + 1) {
      return new EntryLog(recovered.snapshot(), entries);
    }
    if (entries.getFirst().index() == 1) {
      return new EntryLog(LogPosition.START, entries);
    }
    return new EntryLog(entries.getFirst().position(), entries.subList(1, entries.size()));
  }

  EntryLog log() {
    return log;
  }

  long commitIndex() {
    return commitIndex;
  }

  LogPosition end() {
    return log.end();
  }

  /// Whether a leader's entries may follow this place. What is committed matches every leader's
  /// log, kept here or not.
  boolean matches(LogPosition previous) {
    return previous.index() <= commitIndex
        || (previous.index() <= end().index() && rules.follows(log, previous));
  }

  /// Last index worth trying for a leader whose `previous` did not match.
  long worthTrying(LogPosition previous) {
    long last = Math.min(end().index(), previous.index());
    if (last == previous.index()) {
      last = log.beforeEpochAt(last);
    }
    return Math.max(last, commitIndex);
  }

  /// Takes in entries that follow a matching place: what is there already stays, what conflicts
  /// goes with everything behind it (thesis, section 3.5).
  void merge(Turn turn, List<LogEntry> entries) {
    int known = 0;
    while (known < entries.size() && isKnown(entries.get(known))) {
      known++;
    }
    List<LogEntry> fresh = List.copyOf(entries.subList(known, entries.size()));
    if (fresh.isEmpty()) {
      return;
    }
    long first = fresh.getFirst().index();
    List<LogEntry> removed = List.of();
    if (first <= end().index()) {
      removed = log.truncateFrom(first);
      turn.emit(new Effect.TruncateLog(first));
    }
    store(turn, fresh);
    drop(turn, removed);
  }

  private boolean isKnown(LogEntry entry) {
    if (log.contains(entry.position())) {
      return true;
    }
    if (entry.index() <= commitIndex && log.positionAt(entry.index()).isPresent()) {
      throw new IllegalStateException(
          "entry " + entry + " contradicts committed " + log.positionAt(entry.index()));
    }
    return entry.index() <= commitIndex;
  }

  void store(Turn turn, List<LogEntry> entries) {
    log.append(entries);
    turn.emit(new Effect.PersistEntries(entries));
  }

  private static void drop(Turn turn, List<LogEntry> removed) {
    List<LogEntry> commands =
        removed.stream().filter(e -> e.kind() == LogEntry.Kind.COMMAND).toList();
    if (!commands.isEmpty()) {
      turn.emit(new Effect.Dropped(commands));
    }
  }

  /// Hands out what is newly committed, never beyond the end of the log.
  void commitTo(Turn turn, long index) {
    long to = Math.min(index, end().index());
    if (to > commitIndex) {
      List<LogEntry> entries = log.between(commitIndex + 1, to);
      commitIndex = to;
      turn.emit(new Effect.Commit(entries));
    }
  }

  /// Takes in a snapshot, which holds nothing but committed entries. A log that contains its place
  /// keeps what is behind: this voter may have vouched for it.
  void install(Turn turn, LogPosition position, byte[] data) {
    if (position.index() <= commitIndex) {
      return;
    }
    if (log.contains(position)) {
      commitTo(turn, position.index());
      return;
    }
    List<LogEntry> removed =
        end().index() > commitIndex
            ? log.between(commitIndex + 1, end().index())
            : List.<LogEntry>of();
    log.reset(position);
    commitIndex = position.index();
    snapshotIndex = position.index();
    snapshotAsked = false;
    turn.emit(new Effect.InstallSnapshot(position, data));
    drop(turn, removed);
  }

  void askSnapshot(Turn turn) {
    if (snapshotAsked || commitIndex == snapshotIndex) {
      return;
    }
    if (commitIndex - snapshotIndex >= config.snapshotEvery() || heavy()) {
      snapshotAsked = true;
      turn.emit(new Effect.TakeSnapshot());
    }
  }

  /// Whether so much is kept that a snapshot would let go, which the uncommitted is not.
  private boolean heavy() {
    return log.bytes() >= config.maxLogBytes()
        && log.bytes() - log.bytesBehind(commitIndex) >= config.maxLogBytes();
  }

  /// A stored snapshot lets the log go, but for the tail kept for followers that lag a little.
  void snapshotTaken(Turn turn, LogPosition position) {
    snapshotAsked = false;
    snapshotIndex = Math.max(snapshotIndex, Math.min(position.index(), commitIndex));
    long upTo = log.tailStart(snapshotIndex, config.keepEntries(), config.maxLogBytes() / 2);
    if (upTo > log.base().index()) {
      LogPosition place = log.positionAt(upTo).orElseThrow();
      log.compactTo(place);
      turn.emit(new Effect.CompactLog(place));
    }
  }
}
