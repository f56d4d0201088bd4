package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.SizeInBytes;

/// What a voter of the modes raft and hybrid leaves to another mode.
public final class RaftEstate {
  private static final SizeInBytes LARGEST = SizeInBytes.valueOf(8L << 20);
  private static final int BATCH = 512;

  private final StateMachine machine;
  private final BatchExecution execution;
  private final List<Applier.Item> batch = new ArrayList<>();
  private TermIndex end = TermIndex.valueOf(0, -1);
  private long first = -1;
  private long last = -1;

  private RaftEstate(StateMachine machine) {
    this.machine = machine;
    this.execution = new BatchExecution(machine, _ -> {}, _ -> {});
  }

  /// Brings the machine to the end of this voter's log, what was not committed included: the voters
  /// compare their ends afterwards. Blocks; Raft does not run in the folder meanwhile.
  ///
  /// @return term and index of the last entry, in the place of epoch and index: an epoch is counted
  ///   when it is executed, so only terms order what was not committed. Empty when parts of the log
  ///   were lost, so that this voter cannot speak for it
  /// @throws Refusal DISK_FULL or STORAGE_FAILED
  public static Optional<LogPosition> settle(
      StateFolder folder, Audit audit, StateMachine machine) {
    Path raft = folder.resolve(Divisions.FOLDER);
    try {
      Optional<Path> group = Files.isDirectory(raft) ? group(raft) : Optional.empty();
      if (group.isEmpty()) {
        return machine.applied().equals(LogPosition.START)
            ? Optional.of(LogPosition.START)
            : lost(audit, machine, raft + " is missing, but a state is there");
      }
      return Optional.of(new RaftEstate(machine).replay(group.get()));
    } catch (Refusal e) {
      if (e.reason() != Reason.STORAGE_CORRUPT) {
        throw e;
      }
      return lost(audit, machine, e.text());
    } catch (IOException | RuntimeException e) {
      return lost(audit, machine, raft + " cannot be read: " + e);
    }
  }

  private static Optional<LogPosition> lost(Audit audit, StateMachine machine, String what) {
    audit.record("corrupt-found", machine.applied().epoch(), Map.of("what", what));
    return Optional.empty();
  }

  private static Optional<Path> group(Path raft) throws IOException {
    try (var folders = Files.list(raft)) {
      return folders.filter(f -> Files.isDirectory(f.resolve("current"))).findFirst();
    }
  }

  private LogPosition replay(Path group) throws IOException {
    Optional<Path> snapshot = SnapshotFiles.newest(group.resolve("sm"));
    if (snapshot.isPresent()) {
      var _ = SnapshotFiles.restore(machine, snapshot.get());
      end = SimpleStateMachineStorage.getTermIndexFromSnapshotFile(snapshot.get().toFile());
    }
    long reached = Math.max(machine.applied().index(), end.getIndex());
    for (LogSegmentPath segment : LogInspection.segments(group.resolve("current"))) {
      LogSegment.readSegmentFile(
          segment.getPath().toFile(),
          segment.getStartEnd(),
          LARGEST,
          CorruptionPolicy.EXCEPTION,
          null,
          this::take);
    }
    flush();
    if (first > reached + 1) {
      throw new IllegalStateException(
          "the log begins at entry " + first + ", the state ends at " + reached);
    }
    return new LogPosition(new Epoch(Math.max(0, end.getTerm())), Math.max(0, end.getIndex()));
  }

  private void take(LogEntryProto entry) {
    if (last >= 0 && entry.getIndex() != last + 1) {
      throw new IllegalStateException("entry " + entry.getIndex() + " follows entry " + last);
    }
    last = entry.getIndex();
    first = first < 0 ? last : first;
    if (last >= end.getIndex()) {
      end = TermIndex.valueOf(entry);
    }
    if (entry.hasStateMachineLogEntry()) {
      batch.add(
          new Applier.Item.Ours(
              TermIndex.valueOf(entry),
              RaftEntries.parse(entry.getStateMachineLogEntry().getLogData()),
              new CompletableFuture<>()));
    }
    if (batch.size() >= BATCH) {
      flush();
    }
  }

  private void flush() {
    if (!batch.isEmpty()) {
      execution.execute(List.copyOf(batch));
      batch.clear();
    }
  }
}
