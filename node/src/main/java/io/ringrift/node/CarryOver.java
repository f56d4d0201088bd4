package io.ringrift.node;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelBoot;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the replicated state along when a node starts in another mode of consensus than before.
/// The old log and state become the node's estate, which the voters compare when the new log
/// begins; then they are retired. Done before anything of the state is opened. A crash at any point
/// is met by doing it again.
final class CarryOver {
  private static final Logger LOG = LoggerFactory.getLogger(CarryOver.class);
  private static final String MARK = "engine";
  private static final String RETIRED = "retired";
  private static final String CLUSTER = "cluster";

  /// Everything that belongs to one log.
  private static final List<String> OF_THE_LOG =
      List.of(CLUSTER, "log", "log.mark", "snapshots", "raft");

  private CarryOver() {}

  /// Modes hybrid and raft share one log.
  private static String engine(ConsensusMode mode) {
    return mode == ConsensusMode.BULLY ? "bully" : "raft";
  }

  /// @throws Refusal STORAGE_CORRUPT, DISK_FULL or STORAGE_FAILED
  static void bring(ConsensusMode mode, StateFolder folder, Audit audit) {
    String wanted = engine(mode);
    try {
      String present = present(folder);
      if (!present.isEmpty() && !present.equals(wanted)) {
        LOG.warn("this node ran consensus by {} and now runs by {}", present, wanted);
        keep(present, folder, audit);
        retire(folder);
        audit.record("carried-over", Epoch.ZERO, Map.of("from", present, "to", wanted));
      }
      if (!present.equals(wanted)) {
        mark(folder, wanted);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED,
          "the state of the former mode of consensus could not be brought along: " + e,
          e);
    }
  }

  /// Folders of before the mark are of bully mode.
  private static String present(StateFolder folder) throws IOException {
    Path mark = folder.resolve(MARK);
    if (Files.exists(mark)) {
      return Files.readString(mark).strip();
    }
    return Files.exists(folder.resolve(CLUSTER)) ? "bully" : "";
  }

  private static void keep(String engine, StateFolder folder, Audit audit) {
    try (var store = RocksKeyValueStore.open(folder.resolve(CLUSTER), StateManager.families())) {
      new EstateFolder(folder.resolve("."))
          .keep(
              store,
              machine -> KernelBoot.settle(engine, folder, audit, machine),
              InstantSource.system());
    }
  }

  private static void retire(StateFolder folder) throws IOException {
    Path retired = folder.resolve(RETIRED);
    for (String name : OF_THE_LOG) {
      if (Files.exists(folder.resolve(name))) {
        deleteTree(retired.resolve(name));
        Files.createDirectories(retired);
        Files.move(folder.resolve(name), retired.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static void mark(StateFolder folder, String engine) throws IOException {
    Path partial = folder.resolve(MARK + ".partial");
    Files.writeString(partial, engine);
    Files.move(
        partial,
        folder.resolve(MARK),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
