package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.SnapshotStore.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What a voter keeps on disk, as its driver uses it. Every method blocks on the disk and throws a
/// `Refusal` (DISK_FULL, STORAGE_FAILED, STORAGE_CORRUPT) when the disk does; after one that stores
/// has failed, nothing is used but `recover` and `close`. The driver thread alone calls it.
interface VoterDisk extends AutoCloseable {
  /// Durable when it returns.
  void promise(Promise promise);

  /// Deletes from an index on, then appends: one durable change.
  void write(OptionalLong truncateFrom, List<LogEntry> entries);

  /// Stores a snapshot of the machine at its applied place; durable when it returns.
  void takeSnapshot(StateMachine machine);

  /// Replaces machine and log by a snapshot; durable when it returns. A crash in between is mended
  /// by `recover`.
  void install(Snapshot snapshot, StateMachine machine);

  Optional<Snapshot> newestSnapshot();

  /// Place of the newest snapshot.
  LogPosition snapshotPosition();

  void compact(LogPosition upTo);

  /// Keeps dropped entries for the operator.
  void quarantine(List<LogEntry> entries);

  /// The log was lost: this voter may not vote or lead until it has caught up.
  boolean rebuilding();

  /// Caught up: takes part again. Durable when it returns.
  void rebuilt();

  /// Opens the stores again, verifies them, and makes log, snapshot and machine fit together.
  BullyCore.Recovered recover(StateMachine machine);

  @Override
  void close();
}
