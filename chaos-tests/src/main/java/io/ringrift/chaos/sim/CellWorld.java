package io.ringrift.chaos.sim;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a consensus cell does its effects with: one method per effect. One thread.
public interface CellWorld {
  NodeId self();

  /// Voters with their priorities.
  Map<NodeId, Integer> voters();

  Timing timing();

  /// Asked before each effect. False: the process died or stands still right here, and no further
  /// effect may happen now.
  boolean goesOn();

  void persistPromise(Epoch epoch, Optional<NodeId> grantedTo);

  void truncateLog(long fromIndex);

  void persistEntries(List<LogEntry> entries);

  void installSnapshot(LogPosition position, byte[] data);

  void compactLog(LogPosition upTo);

  /// Stores a snapshot of the present state; the cell hears of it later by `snapshotTaken`.
  void takeSnapshot();

  /// Place that the newest stored snapshot covers; START without one.
  LogPosition snapshotAt();

  /// The newest stored snapshot.
  byte[] snapshot();

  void send(NodeId to, Object message);

  /// Said before a grant is sent, with the epoch granted.
  void grants(Epoch epoch, NodeId to);

  void commit(List<LogEntry> entries);

  void announce(Leadership leadership);

  void openDuties(Epoch epoch);

  void closeDuties(Epoch epoch, String cause);

  void accepted(long ticket, List<LogPosition> positions);

  void refused(long ticket, Reason reason, String message);

  void barrierPassed(long ticket, long index);

  void transferred(long ticket, NodeId target);

  void dropped(List<LogEntry> entries);
}
