package io.ringrift.node;

import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The logs of other lives, each whole in `retired/N` with the state that belongs to it: a voter
/// that comes back into a life finds everything that it said there, as if it had slept. Every
/// method may be called again after a crash.
final class RetiredLogs {
  private static final String RETIRED = "retired";
  private static final String REPLACED = "replaced";

  /// Stands for the mark of a lost log, which is kept beside the promise while its log is in use.
  private static final String REBUILDING = "rebuilding";

  /// Everything that belongs to one log. The promise of epochs belongs to all.
  private static final List<String> OF_THE_LOG =
      List.of("cluster", "log", "log.mark", "snapshots", "raft");

  private final StateFolder folder;

  RetiredLogs(StateFolder folder) {
    this.folder = folder;
  }

  private Path of(int life) {
    return folder.resolve(RETIRED).resolve(Integer.toString(life));
  }

  boolean has(int life) {
    return Files.isDirectory(of(life));
  }

  /// Removes what is kept of a life.
  void forget(int life) throws IOException {
    if (has(life)) {
      deleteTree(of(life));
      DurableFiles.sync(folder.resolve(RETIRED));
    }
  }

  /// Moves the log at hand away, under the number of its life.
  void retire(int life) throws IOException {
    retire(of(life));
  }

  /// Moves the log at hand away for good, and forgets all others.
  void replace() throws IOException {
    Path replaced = folder.resolve(RETIRED).resolve(REPLACED);
    retire(replaced);
    keepOnly(List.of(REPLACED));
  }

  private void retire(Path retired) throws IOException {
    Files.createDirectories(retired);
    DurableFiles.sync(folder.resolve(RETIRED));
    try (var epochs = EpochStore.open(folder.resolve("promise"))) {
      if (epochs.pledge().rebuilding()) {
        DurableFiles.write(retired.resolve(REBUILDING), "");
      }
      for (String name : OF_THE_LOG) {
        if (Files.exists(folder.resolve(name))) {
          deleteTree(retired.resolve(name));
          move(folder.resolve(name), retired.resolve(name));
        }
      }
      DurableFiles.sync(retired);
      DurableFiles.sync(folder.resolve("."));
      epochs.rebuilding(false);
    }
  }

  /// Brings the log of a life back, as far as there is one.
  void bringBack(int life) throws IOException {
    Path retired = of(life);
    try (var epochs = EpochStore.open(folder.resolve("promise"))) {
      epochs.rebuilding(Files.exists(retired.resolve(REBUILDING)));
    }
    for (String name : OF_THE_LOG) {
      if (Files.exists(retired.resolve(name))) {
        move(retired.resolve(name), folder.resolve(name));
      }
    }
    DurableFiles.sync(folder.resolve("."));
    if (has(life)) {
      DurableFiles.sync(retired);
    }
  }

  /// Keeps the logs of the lives before and behind one: a voter goes one back at most.
  void keepAround(int life) throws IOException {
    keepOnly(List.of(Integer.toString(life - 1), Integer.toString(life + 1)));
  }

  private void keepOnly(List<String> kept) throws IOException {
    if (!Files.isDirectory(folder.resolve(RETIRED))) {
      return;
    }
    try (Stream<Path> all = Files.list(folder.resolve(RETIRED))) {
      for (Path each : all.toList()) {
        if (!kept.contains(each.getFileName().toString())) {
          deleteTree(each);
        }
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  static void deleteTree(Path path) throws IOException {
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
