package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.SnapshotStore.Snapshot;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// The order of what is stored, sent and executed (STYLE P2).
final class EffectRunnerTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final Epoch E3 = new Epoch(3);

  private final List<String> done = new ArrayList<>();
  private final MemoryStateMachine machine = new MemoryStateMachine();
  private boolean diskFull;
  private boolean stateTooLarge;
  private final EffectRunner runner = runner();

  private EffectRunner runner() {
    var meters = new DriverMeters(new SimpleMeterRegistry());
    var parts =
        new VoterParts(
            BullyConfig.of(N1, Map.of(N1, 0, N2, 0), Timing.local()),
            new RecordingDisk(),
            machine,
            (to, message) -> done.add("send " + message.getClass().getSimpleName()),
            () -> new Moment(0),
            (kind, _, _) -> done.add("audit " + kind),
            new SimpleMeterRegistry(),
            () -> {});
    var publication =
        new Publication(N1, Epoch.ZERO, Duration.ofSeconds(2), parts.audit(), meters.elections);
    return new EffectRunner(parts, new Tickets(), publication, meters);
  }

  private static LogEntry entry(long epoch, long index) {
    return new LogEntry(
        new LogPosition(new Epoch(epoch), index), LogEntry.Kind.COMMAND, new byte[] {1});
  }

  private static Effect promise(long epoch, boolean vote) {
    return new Effect.PersistPromise(new Promise(new Epoch(epoch), Optional.of(N2)), vote);
  }

  private static Effect grant() {
    return new Effect.Send(N2, new Message.LeaseGrant(E3, 1, LogPosition.START));
  }

  private static Effect entries() {
    return new Effect.Replicate(
        N2, new Message.Append(E3, 1, LogPosition.START, List.of(entry(3, 1)), 0));
  }

  private static Effect reply() {
    return new Effect.Send(N2, new Message.AppendReply(E3, 1, true, 1));
  }

  @Test
  void nothingIsSentBeforeItIsDurable() {
    runner.run(
        List.of(
            promise(3, true), grant(), new Effect.PersistEntries(List.of(entry(3, 1))), reply()),
        false);
    assertThat(done)
        .containsExactly(
            "promise 3", "audit vote-granted", "write 1", "send LeaseGrant", "send AppendReply");
  }

  @Test
  void entriesOfALeaderAreSentBeforeTheyAreStored() {
    runner.run(
        List.of(
            reply(),
            entries(),
            new Effect.PersistEntries(List.of(entry(3, 1))),
            new Effect.Send(N2, new Message.AppendReply(E3, 2, true, 1))),
        false);
    assertThat(done)
        .containsExactly("send Append", "write 1", "send AppendReply", "send AppendReply");
  }

  @Test
  void notEvenEntriesOvertakeAPromise() {
    runner.run(List.of(promise(3, true), entries()), false);
    assertThat(done).containsExactly("promise 3", "audit vote-granted", "send Append");
  }

  @Test
  void whoFollowsHasNotVotedAndEveryVoteOfATurnIsWrittenDown() {
    runner.run(List.of(promise(1, false), promise(2, true), promise(3, false)), false);
    assertThat(done)
        .containsExactly("promise 3", "audit epoch-seen", "audit vote-granted", "audit epoch-seen");
  }

  @Test
  void whateverOneTurnStoresIsOneWrite() {
    runner.run(
        List.of(
            new Effect.PersistEntries(List.of(entry(3, 1))),
            reply(),
            new Effect.PersistEntries(List.of(entry(3, 2), entry(3, 3))),
            reply()),
        false);
    assertThat(done).containsExactly("write 1 2 3", "send AppendReply", "send AppendReply");
  }

  @Test
  void truncationOfWhatIsNotYetStoredTouchesNoDurableEntry() {
    runner.run(
        List.of(
            new Effect.PersistEntries(List.of(entry(2, 5), entry(2, 6))),
            new Effect.TruncateLog(6),
            new Effect.PersistEntries(List.of(entry(3, 6)))),
        false);
    assertThat(done).containsExactly("write 5 6");
  }

  @Test
  void truncationBelowWhatIsNotYetStoredReplacesIt() {
    runner.run(
        List.of(
            new Effect.PersistEntries(List.of(entry(2, 5))),
            new Effect.TruncateLog(4),
            new Effect.PersistEntries(List.of(entry(3, 4)))),
        false);
    assertThat(done).containsExactly("write from 4 4");
  }

  @Test
  void aDiskThatFailsLetsNothingOut() {
    diskFull = true;
    assertThatThrownBy(
            () ->
                runner.run(
                    List.of(reply(), new Effect.PersistEntries(List.of(entry(3, 1))), reply()),
                    false))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DISK_FULL));
    assertThat(done).isEmpty();
  }

  @Test
  void aRebuildingVoterTellsOnlyWhatIsOnItsDisk() {
    runner.run(List.of(grant(), reply()), true);
    assertThat(done).containsExactly("send AppendReply");
  }

  @Test
  void entriesThatASnapshotCoversAreNotExecutedAgain() {
    machine.apply(List.of(entry(3, 1)));
    runner.run(List.of(new Effect.Commit(List.of(entry(3, 1), entry(3, 2)))), false);
    assertThat(machine.commands).hasSize(2);
  }

  @Test
  void aNewSnapshotReplacesOneThatCannotBeRead() {
    var next = runner.run(List.of(new Effect.SendSnapshot(N2, E3)), false);
    assertThat(done).containsExactly("snapshot");
    assertThat(next).containsExactly(new Input.SnapshotTaken(LogPosition.START));
  }

  @Test
  void aStateTooLargeForASnapshotKeepsItsLog() {
    stateTooLarge = true;
    assertThat(runner.run(List.of(new Effect.TakeSnapshot()), false)).isEmpty();
  }

  private final class RecordingDisk implements VoterDisk {
    @Override
    public void promise(Promise promise) {
      done.add("promise " + promise.epoch());
    }

    @Override
    public void write(OptionalLong truncateFrom, List<LogEntry> entries) {
      if (diskFull) {
        throw new Refusal(Reason.DISK_FULL, "no space left");
      }
      var line = new StringBuilder("write");
      truncateFrom.ifPresent(from -> line.append(" from ").append(from));
      entries.forEach(e -> line.append(' ').append(e.index()));
      done.add(line.toString());
    }

    @Override
    public void takeSnapshot(StateMachine ofMachine) {
      if (stateTooLarge) {
        throw new Refusal(Reason.BACKPRESSURE, "state too large");
      }
      done.add("snapshot");
    }

    @Override
    public void install(Snapshot snapshot, StateMachine intoMachine) {
      done.add("install");
    }

    @Override
    public Optional<Snapshot> newestSnapshot() {
      throw new Refusal(Reason.STORAGE_CORRUPT, "wrong checksum");
    }

    @Override
    public LogPosition snapshotPosition() {
      return LogPosition.START;
    }

    @Override
    public void compact(LogPosition upTo) {
      done.add("compact");
    }

    @Override
    public void quarantine(List<LogEntry> entries) {
      done.add("quarantine");
    }

    @Override
    public boolean rebuilding() {
      return false;
    }

    @Override
    public void rebuilt() {}

    @Override
    public BullyCore.Recovered recover(StateMachine ofMachine) {
      return BullyCore.Recovered.EMPTY;
    }

    @Override
    public void close() {}
  }
}
