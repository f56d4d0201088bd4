package io.ringrift.node;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelBoot;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.store.RocksKeyValueStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.managers.state.EstateFolder;
import io.ringrift.managers.state.StateManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the replicated state along when a node starts in another mode of consensus than before.
/// The old log and state become the node's estate, which the voters compare when the new log
/// begins; then they are retired. A node that nobody asked for its estate, and that got nothing
/// into its new log, goes back to the old one when its mode is set back, as if it had slept
/// (docs/protocol/modes.md). Done before anything of the state is opened. The mark tells what is
/// done: a crash before it is written begins again with the old log untouched, one behind it only
/// goes on moving files.
final class CarryOver {
  private static final Logger LOG = LoggerFactory.getLogger(CarryOver.class);
  private static final String CLUSTER = "cluster";
  private static final String SCRATCH = "estate.work";

  private final StateFolder folder;
  private final Path path;
  private final Audit audit;
  private final RetiredLogs retired;
  private final EstateFolder estate;

  CarryOver(StateFolder folder, Audit audit) {
    this.folder = folder;
    this.path = folder.resolve(".");
    this.audit = audit;
    this.retired = new RetiredLogs(folder);
    this.estate = new EstateFolder(path);
  }

  /// A node that becomes a voter of a running cluster begins with an empty log, of the life that
  /// the others' has: whatever log it had before is retired when its stores are opened next. Only
  /// while nothing of the folder is open.
  ///
  /// @param logId name of the voters' log
  static void beginEmpty(Path stateFolder, ConsensusMode mode, String logId) throws IOException {
    String life = logId.substring(logId.lastIndexOf('#') + 1);
    int number = logId.indexOf('#') < 0 ? 0 : Integer.parseInt(life);
    LifeMark.settled(engine(mode), number).at(LifeMark.Step.EMPTY).write(stateFolder);
  }

  /// Modes hybrid and raft share one log.
  private static String engine(ConsensusMode mode) {
    return mode == ConsensusMode.BULLY ? "bully" : "raft";
  }

  /// @return how often the state has moved to another log by now
  /// @throws Refusal STORAGE_CORRUPT, DISK_FULL or STORAGE_FAILED
  int bring(ConsensusMode mode) {
    String wanted = engine(mode);
    try {
      LifeMark present = finish(present());
      if (present.engine().isEmpty()) {
        present = LifeMark.settled(wanted, present.life()).write(path);
      } else if (!present.engine().equals(wanted)) {
        present = finish(leave(present, wanted));
      }
      return present.life();
    } catch (IOException | UncheckedIOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED,
          "the state of the former mode of consensus could not be brought along: " + e,
          e);
    }
  }

  /// Folders of before the mark are of bully mode.
  private LifeMark present() throws IOException {
    LifeMark mark = LifeMark.read(path);
    return mark.engine().isEmpty() && Files.exists(folder.resolve(CLUSTER))
        ? LifeMark.settled("bully", 0)
        : mark;
  }

  private LifeMark leave(LifeMark present, String wanted) throws IOException {
    int life = present.life();
    boolean back =
        estate.mayTurnBack(life)
            && retired.has(life - 1)
            && inSoundCopy(present.engine(), estate::untouched);
    if (!back) {
      keep(present);
      estate.allowTurningBack(life + 1);
    }
    promiseWhatWasSeen();
    retired.forget(life);
    int next = back ? life - 1 : life + 1;
    String how = back ? "turned-back" : "carried-over";
    LOG.warn(
        "this node ran consensus by {} and now runs by {}: its log {} follows its log {}",
        present.engine(),
        wanted,
        next,
        life);
    audit.record(how, Epoch.ZERO, Map.of("from", present.engine(), "to", wanted));
    return present.leavingFor(wanted, next).write(path);
  }

  /// What the mark says is still to do.
  private LifeMark finish(LifeMark mark) throws IOException {
    LifeMark done =
        switch (mark.step()) {
          case SETTLED -> mark;
          case EMPTY -> {
            estate.allowNoTurningBack();
            retired.replace();
            yield LifeMark.settled(mark.engine(), mark.life()).write(path);
          }
          case LEAVING -> {
            retired.retire(mark.from().orElseThrow());
            yield finish(mark.at(LifeMark.Step.ENTERING).write(path));
          }
          case ENTERING -> {
            retired.bringBack(mark.life());
            yield mark.at(LifeMark.Step.SETTLED).write(path);
          }
        };
    if (mark.step() == LifeMark.Step.ENTERING) {
      retired.keepAround(mark.life());
    }
    return done;
  }

  private void keep(LifeMark present) throws IOException {
    inSoundCopy(
        present.engine(),
        (store, settle) -> {
          estate.keep(store, settle, present.life(), InstantSource.system());
          return true;
        });
  }

  /// A damaged store is mended by its own mode only.
  private boolean inSoundCopy(String engine, WithCopy todo) throws IOException {
    try {
      return inCopy(engine, todo);
    } catch (Refusal damage) {
      if (damage.reason() != Reason.STORAGE_CORRUPT) {
        throw damage;
      }
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          damage.text()
              + "; start this node once in its former mode, which rebuilds what is damaged, and"
              + " change the mode then",
          damage);
    }
  }

  /// Raft remembers its epochs as seen, bully elects behind what it promised.
  private void promiseWhatWasSeen() {
    try (var epochs = EpochStore.open(folder.resolve("promise"))) {
      Epoch seen = epochs.pledge().seen();
      if (seen.isAfter(epochs.pledge().promised())) {
        epochs.promise(seen, Optional.empty());
      }
    }
  }

  /// Does something with a copy of the state: it is brought further than was committed, and the old
  /// mode must be able to go on with the original.
  private boolean inCopy(String engine, WithCopy todo) throws IOException {
    Path scratch = folder.resolve(SCRATCH);
    RetiredLogs.deleteTree(scratch);
    copyTree(folder.resolve(CLUSTER), scratch);
    boolean answer;
    try (var store = RocksKeyValueStore.open(scratch, StateManager.families())) {
      answer = todo.with(store, machine -> KernelBoot.settle(engine, folder, audit, machine));
    }
    RetiredLogs.deleteTree(scratch);
    return answer;
  }

  private interface WithCopy {
    boolean with(KeyValueStore store, Function<StateMachine, Optional<LogPosition>> settle);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }
}
