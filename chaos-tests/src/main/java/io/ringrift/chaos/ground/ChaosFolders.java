package io.ringrift.chaos.ground;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Folders of runs, below the system's folder for temporary files. Their names tell the runner, so
/// that what a killed runner left behind can be told from what is in use. Any thread.
public final class ChaosFolders {
  private static final String PREFIX = "ringrift-chaos-";
  private static final int MOST_TRIES = 20;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private ChaosFolders() {}

  private static Path root() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  public static Path create() throws IOException {
    return Files.createTempDirectory(root(), PREFIX + ProcessHandle.current().pid() + "-");
  }

  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Ends the processes that name the folder, and removes its mounts and itself. Who dies may still
  /// write: it is tried again for two seconds.
  public static void remove(Path folder) throws IOException {
    for (int tries = 1; ; tries++) {
      var ends =
          Naming.processes(folder).map(p -> p.onExit().orTimeout(1, TimeUnit.SECONDS)).toList();
      Naming.processes(folder).forEach(ProcessHandle::destroyForcibly);
      ends.forEach(end -> end.exceptionally(late -> null).join());
      try {
        var _ = Mounts.removeBelow(folder);
        delete(folder);
        return;
      } catch (IOException | UncheckedIOException e) {
        if (tries == MOST_TRIES) {
          throw new IOException("something still writes into it: " + e, e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /// Folders whose runner has ended.
  static List<Path> abandoned() throws IOException {
    try (Stream<Path> files = Files.list(root())) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(PREFIX))
          .filter(file -> runner(file).flatMap(ProcessHandle::of).isEmpty())
          .toList();
    }
  }

  private static Optional<Long> runner(Path folder) {
    String pid = folder.getFileName().toString().substring(PREFIX.length()).split("-", -1)[0];
    return pid.matches("[0-9]{1,9}") ? Optional.of(Long.parseLong(pid)) : Optional.of(0L);
  }

  /// Ends and removes what runners that are gone left behind: processes, mounts, namespaces,
  /// folders.
  ///
  /// @return what was removed, a line each
  public static List<String> clean() throws IOException {
    var told = new ArrayList<String>();
    for (Path folder : abandoned()) {
      Naming.processes(folder)
          .forEach(
              p -> {
                p.destroyForcibly();
                told.add("process " + p.pid() + " of " + folder);
              });
      Mounts.removeBelow(folder).forEach(mount -> told.add("mount " + mount));
      delete(folder);
      told.add("folder " + folder);
    }
    Namespaces.removeAbandoned().forEach(name -> told.add("namespace " + name));
    return told;
  }
}
