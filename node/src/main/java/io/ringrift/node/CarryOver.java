package io.ringrift.node;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelBoot;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.RocksKeyValueStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.managers.state.EstateFolder;
import io.ringrift.managers.state.StateManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the replicated state along when a node starts in another mode of consensus than before.
/// The old log and state become the node's estate, which the voters compare when the new log
/// begins; then they are retired. Done before anything of the state is opened. The mark tells what
/// is done: a crash before it says `retiring` begins again with the old log untouched, one behind
/// it only goes on moving files away.
final class CarryOver {
  private static final Logger LOG = LoggerFactory.getLogger(CarryOver.class);
  private static final String MARK = "engine";
  private static final String RETIRED = "retired";
  private static final String CLUSTER = "cluster";
  private static final String SCRATCH = "estate.work";

  /// Everything that belongs to one log.
  private static final List<String> OF_THE_LOG =
      List.of(CLUSTER, "log", "log.mark", "snapshots", "raft");

  private final StateFolder folder;
  private final Audit audit;

  CarryOver(StateFolder folder, Audit audit) {
    this.folder = folder;
    this.audit = audit;
  }

  /// Where the state is.
  ///
  /// @param engine whose log: `bully` or `raft`; empty in a new folder
  /// @param life how often the state moved to another log
  /// @param retiring the estate is kept, and the log before this one may still lie around
  private record Mark(String engine, int life, boolean retiring) {
    static Mark parse(Path file) throws IOException {
      String[] words = Files.readString(file).strip().split(" ", -1);
      if (words.length < 2 || !words[1].matches("[0-9]{1,6}")) {
        throw new Refusal(
            Reason.STORAGE_CORRUPT,
            file + " is not \"bully N\" or \"raft N\"; copy it from another voter");
      }
      return new Mark(words[0], Integer.parseInt(words[1]), words.length > 2);
    }

    String text() {
      return engine + " " + life + (retiring ? " retiring" : "");
    }
  }

  /// A node that becomes a voter of a running cluster begins with an empty log, of the life that
  /// the others' has: whatever log it had before is retired when its stores are opened next. Only
  /// while nothing of the folder is open.
  ///
  /// @param logId name of the voters' log
  static void beginEmpty(Path stateFolder, ConsensusMode mode, String logId) throws IOException {
    String life = logId.substring(logId.lastIndexOf('#') + 1);
    int number = logId.indexOf('#') < 0 ? 0 : Integer.parseInt(life);
    DurableText.write(
        stateFolder.resolve(MARK), new Mark(engine(mode), number, true).text() + "\n");
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
      Mark present = present();
      if (present.retiring()) {
        present = retire(present);
      }
      if (present.engine().isEmpty()) {
        present = mark(new Mark(wanted, present.life(), false));
      } else if (!present.engine().equals(wanted)) {
        String from = present.engine();
        LOG.warn("this node ran consensus by {} and now runs by {}", from, wanted);
        keepSound(from);
        promiseWhatWasSeen();
        present = retire(mark(new Mark(wanted, present.life() + 1, true)));
        audit.record("carried-over", Epoch.ZERO, Map.of("from", from, "to", wanted));
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
  private Mark present() throws IOException {
    Path mark = folder.resolve(MARK);
    if (Files.exists(mark)) {
      return Mark.parse(mark);
    }
    return new Mark(Files.exists(folder.resolve(CLUSTER)) ? "bully" : "", 0, false);
  }

  /// A damaged store is mended by its own mode only.
  private void keepSound(String engine) throws IOException {
    try {
      keep(engine);
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

  /// In a copy of the state: it is brought further than was committed, and the old mode must be
  /// able to go on with the original.
  private void keep(String engine) throws IOException {
    Path scratch = folder.resolve(SCRATCH);
    deleteTree(scratch);
    copyTree(folder.resolve(CLUSTER), scratch);
    try (var store = RocksKeyValueStore.open(scratch, StateManager.families())) {
      new EstateFolder(folder.resolve("."))
          .keep(
              store,
              machine -> KernelBoot.settle(engine, folder, audit, machine),
              InstantSource.system());
    }
    deleteTree(scratch);
  }

  private Mark retire(Mark present) throws IOException {
    Path retired = folder.resolve(RETIRED);
    Files.createDirectories(retired);
    for (String name : OF_THE_LOG) {
      if (Files.exists(folder.resolve(name))) {
        deleteTree(retired.resolve(name));
        Files.move(folder.resolve(name), retired.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    DurableText.force(retired);
    try (var epochs = EpochStore.open(folder.resolve("promise"))) {
      epochs.rebuilding(false);
    }
    return mark(new Mark(present.engine(), present.life(), false));
  }

  private Mark mark(Mark mark) throws IOException {
    DurableText.write(folder.resolve(MARK), mark.text() + "\n");
    return mark;
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

  private static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
