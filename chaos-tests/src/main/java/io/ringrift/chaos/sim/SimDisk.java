package io.ringrift.chaos.sim;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What one node's disk holds for sure. Outlives the process; a crash takes back what was not yet
/// durable: a truncation behind which nothing was stored, and the state machine's newest writes.
/// One thread.
public final class SimDisk {
  private static final byte[] NOTHING = {};

  private Epoch promised = Epoch.ZERO;
  private Optional<NodeId> grantedTo = Optional.empty();
  private Epoch gate = Epoch.ZERO;
  private final List<LogEntry> log = new ArrayList<>();
  private long truncateFrom = Long.MAX_VALUE;
  private LogPosition snapshotAt = LogPosition.START;
  private byte[] snapshot = NOTHING;
  private LogPosition stateAt = LogPosition.START;
  private byte[] state = NOTHING;

  public Epoch promised() {
    return promised;
  }

  public Optional<NodeId> grantedTo() {
    return grantedTo;
  }

  /// Stored entries, in order.
  public List<LogEntry> log() {
    return List.copyOf(log);
  }

  /// Place that the stored snapshot covers; START without one.
  public LogPosition snapshotAt() {
    return snapshotAt;
  }

  /// Last place that the stored state machine holds.
  public LogPosition stateAt() {
    return stateAt;
  }

  byte[] snapshot() {
    return snapshot;
  }

  byte[] state() {
    return state;
  }

  Epoch gate() {
    return gate;
  }

  void storeGate(Epoch epoch) {
    gate = gate.max(epoch);
  }

  void storePromise(Epoch epoch, Optional<NodeId> to) {
    promised = epoch;
    grantedTo = to;
    settle();
  }

  boolean holdsGrant(Epoch epoch, NodeId to) {
    return promised.equals(epoch) && grantedTo.isPresent() && grantedTo.get().equals(to);
  }

  void truncate(long fromIndex) {
    truncateFrom = Math.min(truncateFrom, fromIndex);
  }

  /// Place of the entry that the next stored one stands behind.
  LogPosition end() {
    for (int i = log.size() - 1; i >= 0; i--) {
      if (log.get(i).index() < truncateFrom) {
        return log.get(i).position();
      }
    }
    return snapshotAt;
  }

  void append(LogEntry entry) {
    settle();
    log.add(entry);
  }

  void compact(LogPosition upTo) {
    log.removeIf(entry -> entry.index() <= upTo.index());
  }

  /// Replaces snapshot and log.
  void install(LogPosition position, byte[] data) {
    settle();
    log.clear();
    storeSnapshot(position, data);
  }

  /// Stores a snapshot beside the log; the state machine's writes are durable with it.
  void storeSnapshot(LogPosition position, byte[] data) {
    snapshotAt = position;
    snapshot = data;
    storeState(position, data);
  }

  void storeState(LogPosition position, byte[] data) {
    stateAt = position;
    state = data;
  }

  /// The process died.
  void crash() {
    truncateFrom = Long.MAX_VALUE;
  }

  private void settle() {
    if (truncateFrom != Long.MAX_VALUE) {
      log.removeIf(entry -> entry.index() >= truncateFrom);
      truncateFrom = Long.MAX_VALUE;
    }
  }
}
