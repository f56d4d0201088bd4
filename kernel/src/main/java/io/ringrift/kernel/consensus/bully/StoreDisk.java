package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.LogStore;
import io.ringrift.kernel.store.SnapshotStore;
import io.ringrift.kernel.store.SnapshotStore.Snapshot;
import io.ringrift.kernel.store.SpaceReserve;
import io.ringrift.kernel.store.StateFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A voter's disk on the kernel's stores: `log`, `snapshots` and the promise, in the node's state
/// folder.
final class StoreDisk implements VoterDisk {
  private static final Logger LOG = LoggerFactory.getLogger(StoreDisk.class);
  private static final String LOG_NAME = "log";
  private static final String MARK_NAME = "log.mark";
  private static final String SNAPSHOTS = "snapshots";
  private static final String QUARANTINE = "quarantine";

  private final StateFolder folder;
  private final EpochStore epochs;
  private final Function<Path, LogStore> opener;
  private final Audit audit;
  private final boolean alone;
  private final SnapshotStore snapshots;
  private final SpaceReserve reserve;
  private boolean used;
  private @Nullable LogStore open;

  /// @param alone the only voter: a lost log cannot be fetched from anyone
  StoreDisk(
      StateFolder folder,
      EpochStore epochs,
      Function<Path, LogStore> opener,
      Audit audit,
      boolean alone) {
    this.folder = folder;
    this.epochs = epochs;
    this.opener = opener;
    this.audit = audit;
    this.alone = alone;
    this.snapshots = SnapshotStore.open(folder.resolve(SNAPSHOTS));
    this.reserve = SpaceReserve.of(folder.resolve(SNAPSHOTS));
  }

  private LogStore log() {
    return Objects.requireNonNull(open, "recover opens the log");
  }

  @Override
  public void promise(Promise promise) {
    epochs.promise(promise.epoch(), promise.grantedTo());
  }

  @Override
  public void write(OptionalLong truncateFrom, List<LogEntry> entries) {
    log().write(truncateFrom, entries);
  }

  @Override
  public void takeSnapshot(StateMachine machine) {
    snapshots.save(machine.applied(), machine::snapshot);
  }

  @Override
  public void install(Snapshot snapshot, StateMachine machine) {
    snapshots.save(snapshot.position(), out -> out.write(snapshot.data()));
    restore(snapshot, machine);
    log().reset(snapshot.position());
  }

  private static void restore(Snapshot snapshot, StateMachine machine) {
    try {
      machine.restore(snapshot.position(), new ByteArrayInputStream(snapshot.data()));
    } catch (IOException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          "the snapshot at " + snapshot.position() + " cannot be restored: " + e.getMessage(),
          e);
    }
  }

  @Override
  public Optional<Snapshot> newestSnapshot() {
    return snapshots.newest();
  }

  @Override
  public LogPosition snapshotPosition() {
    return snapshots.position();
  }

  @Override
  public void compact(LogPosition upTo) {
    log().compact(upTo);
  }

  @Override
  public void quarantine(List<LogEntry> entries) {
    log().quarantine(entries);
  }

  @Override
  public boolean rebuilding() {
    return epochs.pledge().rebuilding();
  }

  @Override
  public void rebuilt() {
    epochs.rebuilding(false);
  }

  @Override
  public BullyCore.Recovered recover(StateMachine machine) {
    closeLog();
    if (used) {
      reserve.requireToGoOn();
    }
    used = true;
    discardDamagedSnapshots();
    LogStore.Recovered kept;
    try {
      kept = readLog();
      refuseShortLog(kept, machine.applied());
      bringForward(kept, machine);
      refuseGap(kept, machine.applied());
    } catch (Refusal e) {
      if (e.reason() != Reason.STORAGE_CORRUPT) {
        throw e;
      }
      kept = beginAgain(e, machine);
    }
    kept = meet(kept, machine);
    var pledge = epochs.pledge();
    var promise = new Promise(pledge.promised(), pledge.grantedTo());
    return new BullyCore.Recovered(
        promise, pledge.seen(), snapshots.position(), machine.applied(), kept.entries());
  }

  private LogStore.Recovered readLog() {
    var log = opener.apply(folder.resolve(LOG_NAME));
    open = log;
    return log.recover();
  }

  /// What was applied was committed, so it was in the log, and acknowledged.
  private void refuseShortLog(LogStore.Recovered kept, LogPosition applied) {
    var covered = kept.end().index() >= snapshots.position().index() ? kept.end() : null;
    if (covered != null && covered.index() < applied.index()) {
      throw corrupt("it ends at " + kept.end() + ", but " + applied + " is applied");
    }
  }

  private Refusal corrupt(String detail) {
    return new Refusal(
            Reason.STORAGE_CORRUPT,
            folder.resolve(LOG_NAME) + " is corrupt: log shorter than the state (" + detail + ")")
        .with("file", folder.resolve(LOG_NAME).toString());
  }

  private void discardDamagedSnapshots() {
    while (true) {
      try {
        snapshots.newest();
        return;
      } catch (Refusal e) {
        discardSnapshot(e);
      }
    }
  }

  private void discardSnapshot(Refusal cause) {
    if (cause.reason() != Reason.STORAGE_CORRUPT) {
      throw cause;
    }
    report(cause);
    LOG.warn("moved it to {}", snapshots.discardNewest(folder.resolve(QUARANTINE)));
  }

  /// Moves the log aside, which is damaged or which nothing here can execute, and marks this voter
  /// as amnesiac: it keeps its promise but has forgotten entries that it acknowledged, so it must
  /// not help a majority that lacks them (RELIABILITY D6).
  private LogStore.Recovered beginAgain(Refusal cause, StateMachine machine) {
    report(cause);
    closeLog();
    if (alone) {
      throw nobodyHasACopy(cause, machine);
    }
    epochs.rebuilding(true);
    for (String name : List.of(LOG_NAME, MARK_NAME)) {
      if (Files.exists(folder.resolve(name))) {
        LOG.warn("moved {} to {}", folder.resolve(name), folder.moveAside(name));
      }
    }
    var empty = readLog();
    bringForward(empty, machine);
    return empty;
  }

  /// The log stays where it is: without it the next start would take the node for a new one.
  private Refusal nobodyHasACopy(Refusal cause, StateMachine machine) {
    LogPosition stored = snapshots.position();
    LogPosition left = stored.isAfter(machine.applied()) ? stored : machine.applied();
    String state =
        left.equals(LogPosition.START)
            ? "nothing of the state is left"
            : "the state that is left ends at " + left + " and what came behind is lost";
    Path quarantine = folder.resolve(QUARANTINE);
    return new Refusal(
            Reason.STORAGE_CORRUPT,
            cause.text()
                + "; this node is the only voter, so nobody has a copy: "
                + state
                + ". Restore the state folder from a backup, or move "
                + folder.resolve(LOG_NAME)
                + " and "
                + folder.resolve(MARK_NAME)
                + " away to go on with what is left"
                + (Files.exists(quarantine) ? "; damaged files lie in " + quarantine : ""),
            cause)
        .with("file", folder.resolve(LOG_NAME).toString())
        .with("quarantine", quarantine.toString());
  }

  private void report(Refusal cause) {
    LOG.error("{}", cause.text());
    audit.record("corrupt-found", epochs.pledge().promised(), Map.of("what", cause.text()));
  }

  /// Restores the newest snapshot that is sound when the log cannot bring the machine that far.
  private void bringForward(LogStore.Recovered kept, StateMachine machine) {
    while (!reaches(kept, machine.applied())) {
      try {
        restore(snapshots.newest().orElseThrow(), machine);
        return;
      } catch (Refusal e) {
        discardSnapshot(e);
      }
    }
  }

  private boolean reaches(LogStore.Recovered kept, LogPosition applied) {
    LogPosition snapshot = snapshots.position();
    // A kept tail begins with an entry whose predecessor the core does not know: the state has to
    // reach at least that far.
    boolean bridged = contains(kept, snapshot) && applied.index() > kept.floor().index();
    return applied.index() >= snapshot.index() || bridged || replaysFromStart(kept);
  }

  private void refuseGap(LogStore.Recovered kept, LogPosition applied) {
    if (applied.index() < kept.floor().index()) {
      throw new Refusal(
              Reason.STORAGE_CORRUPT,
              folder.resolve(LOG_NAME)
                  + " is of no use: the state ends at "
                  + applied
                  + ", the log begins behind "
                  + kept.floor()
                  + " and no snapshot closes the gap")
          .with("file", folder.resolve(LOG_NAME).toString());
    }
  }

  /// Makes machine, snapshot and log meet, whatever a crash left half done.
  private LogStore.Recovered meet(LogStore.Recovered kept, StateMachine machine) {
    LogPosition snapshot = snapshots.position();
    LogPosition applied = machine.applied();
    if (snapshot.index() < kept.floor().index() || kept.end().index() < applied.index()) {
      takeSnapshot(machine);
      snapshot = applied;
    }
    if (!contains(kept, snapshot)) {
      log().reset(snapshot);
      return new LogStore.Recovered(snapshot, List.of());
    }
    return kept;
  }

  private static boolean replaysFromStart(LogStore.Recovered kept) {
    return kept.floor().equals(LogPosition.START) && !kept.entries().isEmpty();
  }

  private static boolean contains(LogStore.Recovered kept, LogPosition position) {
    long offset = position.index() - kept.floor().index();
    if (offset == 0) {
      return kept.floor().equals(position);
    }
    return offset < 0
        || (offset <= kept.entries().size()
            && kept.entries().get((int) offset - 1).position().equals(position));
  }

  private void closeLog() {
    LogStore log = open;
    open = null;
    if (log != null) {
      log.close();
    }
  }

  @Override
  public void close() {
    closeLog();
  }
}
