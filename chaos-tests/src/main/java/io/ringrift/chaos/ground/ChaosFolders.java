package io.ringrift.chaos.ground;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Folders of runs, below the system's folder for temporary files. Their names tell the runner, so
/// that what a killed runner left behind can be told from what is in use. Any thread.
public final class ChaosFolders {
  private static final Logger LOG = LoggerFactory.getLogger(ChaosFolders.class);
  private static final String PREFIX = "ringrift-chaos-";

  /// The one form that `create` gives. Whatever else begins alike is somebody's own.
  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{1,9})-[0-9]+");

  /// Of folders that are kept for people to read; never removed.
  private static final String KEPT = "ringrift-kept-";

  /// A file of each that tells where its runner's number counts.
  private static final String OWNER = "owner";

  private static final int MOST_TRIES = 20;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private ChaosFolders() {}

  private static Path root() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  public static Path create() throws IOException {
    Path folder = Files.createTempDirectory(root(), PREFIX + ProcessHandle.current().pid() + "-");
    Files.writeString(folder.resolve(OWNER), processes());
    return folder;
  }

  /// A number of a process is one of its namespace: in a container it is another one's.
  private static String processes() throws IOException {
    Path here = Path.of("/proc/self/ns/pid");
    return Files.exists(here) ? Files.readSymbolicLink(here).toString() : "";
  }

  /// Root removes nothing of other users: what they write there, they may change meanwhile.
  private static boolean isOfHere(Path folder) {
    try {
      Path self = Path.of("/proc/self");
      if (Files.exists(self)
          && !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(self))) {
        return false;
      }
      Path owner = folder.resolve(OWNER);
      return !Files.exists(owner) || Files.readString(owner).equals(processes());
    } catch (IOException e) {
      LOG.warn("whose folder {} is cannot be read, and so it stays: {}", folder, e.toString());
      return false;
    }
  }

  /// Gives a folder of a run a name that `clean` leaves alone. Nothing may run in it any more.
  ///
  /// @return where it is now
  public static Path keep(Path folder) throws IOException {
    Path kept = Files.createTempDirectory(folder.toAbsolutePath().getParent(), KEPT);
    return Files.move(folder, kept, StandardCopyOption.REPLACE_EXISTING);
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// Ends what a run has started in the folder, and removes its mounts and itself. Who dies may
  /// still write: it is tried again for two seconds.
  ///
  /// @return what was ended and removed, a line each
  public static List<String> remove(Path folder) throws IOException {
    var told = new ArrayList<String>();
    for (int tries = 1; ; tries++) {
      var running = Naming.ours(folder).toList();
      var ends = running.stream().map(p -> p.onExit().orTimeout(1, TimeUnit.SECONDS)).toList();
      for (ProcessHandle process : running) {
        process.destroyForcibly();
        told.add("process " + process.pid() + " of " + folder);
      }
      ends.forEach(end -> end.exceptionally(late -> null).join());
      try {
        unmount(folder, told);
        delete(folder);
        told.add("folder " + folder);
        return told;
      } catch (IOException | UncheckedIOException e) {
        if (tries == MOST_TRIES) {
          throw new IOException(folder + ": something still writes into it: " + e, e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /// A mount that stays makes the deletion of its folder fail, and nothing else.
  private static void unmount(Path folder, List<String> told) throws IOException {
    try {
      Mounts.removeBelow(folder).forEach(mount -> told.add("mount " + mount));
    } catch (Refusal refusal) {
      LOG.warn("a file system of {} could not be removed: {}", folder, refusal.text());
    }
  }

  /// Folders whose runner has ended.
  private static List<Path> abandoned(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files
          .filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> abandoned(NAME, file.getFileName().toString()))
          .filter(ChaosFolders::isOfHere)
          .toList();
    }
  }

  /// Whether the whole name is one of a runner, which is its first group, and that one has ended.
  static boolean abandoned(Pattern form, String name) {
    Matcher told = form.matcher(name);
    return told.matches() && ProcessHandle.of(Long.parseLong(told.group(1))).isEmpty();
  }

  /// Ends and removes what runners that are gone left behind: processes, mounts, namespaces,
  /// folders. One that cannot be removed does not keep the others.
  ///
  /// @param told what was removed, a line each
  /// @throws IOException what could not be removed
  public static void clean(Consumer<String> told) throws IOException {
    var left = removed(root(), told);
    left.addAll(Namespaces.removeAbandoned(told));
    requireNone(left);
  }

  static void clean(Path root, Consumer<String> told) throws IOException {
    requireNone(removed(root, told));
  }

  /// @return what could not be, and why
  private static List<String> removed(Path root, Consumer<String> told) throws IOException {
    var left = new ArrayList<String>();
    for (Path folder : abandoned(root)) {
      try {
        remove(folder).forEach(told);
      } catch (IOException e) {
        left.add(e.getMessage());
      }
    }
    return left;
  }

  private static void requireNone(List<String> left) throws IOException {
    if (!left.isEmpty()) {
      throw new IOException("could not be removed: " + String.join("; ", left));
    }
  }
}
