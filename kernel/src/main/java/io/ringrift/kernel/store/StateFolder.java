package io.ringrift.kernel.store;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The folder that belongs to one node alone: locked while the node runs, and marked with cluster
/// and node so that a wrong path is refused before anything in it is touched. Any thread.
public final class StateFolder implements AutoCloseable {
  private static final int MAX_ASIDE = 1_000;

  private final Path folder;
  private final FileChannel lock;

  private StateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Opens or creates the folder and locks it.
  ///
  /// @throws Refusal STATE_IN_USE naming the process that holds it, WRONG_CLUSTER or WRONG_NODE
  ///   naming both values, STORAGE_CORRUPT for an unreadable identity, DISK_FULL or STORAGE_FAILED
  public static StateFolder open(Path folder, String clusterId, NodeId self) {
    FileChannel lock = null;
    try {
      Files.createDirectories(folder);
      lock =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(lock) == null) {
        throw inUse(folder);
      }
      Files.writeString(folder.resolve("pid"), Long.toString(ProcessHandle.current().pid()));
      identify(folder, clusterId, self);
      return new StateFolder(folder, lock);
    } catch (IOException e) {
      release(lock);
      throw Disk.refusal("opening the state folder " + folder, e);
    } catch (Refusal e) {
      release(lock);
      throw e;
    }
  }

  /// Null when somebody else holds it, this process included.
  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static Refusal inUse(Path folder) {
    String pid = "unknown";
    try {
      pid = Files.readString(folder.resolve("pid")).strip();
    } catch (IOException e) {
      pid = "unknown (" + e.getMessage() + ")";
    }
    return new Refusal(
            Reason.STATE_IN_USE,
            "the state folder "
                + folder
                + " is in use by process "
                + pid
                + "; stop that node or give this one a folder of its own")
        .with("pid", pid)
        .with("folder", folder.toString());
  }

  private static void identify(Path folder, String clusterId, NodeId self) throws IOException {
    Path file = folder.resolve("identity");
    if (!Files.exists(file)) {
      String identity = "cluster_id=" + clusterId + "\nnode_id=" + self + "\n";
      DurableFiles.write(file, identity);
      return;
    }
    List<String> lines = Files.readAllLines(file);
    String cluster = value(file, lines, "cluster_id");
    String node = value(file, lines, "node_id");
    if (!cluster.equals(clusterId)) {
      throw mismatch(Reason.WRONG_CLUSTER, folder, "cluster", cluster, clusterId);
    }
    if (!node.equals(self.value())) {
      throw mismatch(Reason.WRONG_NODE, folder, "node", node, self.value());
    }
  }

  private static String value(Path file, List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .findFirst()
        .orElseThrow(() -> Disk.corrupt(file, "truncated file", "no " + key + " in it"));
  }

  private static Refusal mismatch(
      Reason reason, Path folder, String what, String found, String wanted) {
    return new Refusal(
            reason,
            "the state folder "
                + folder
                + " belongs to "
                + what
                + " "
                + found
                + ", but this is "
                + what
                + " "
                + wanted
                + "; give this node a folder of its own or correct its configuration")
        .with("found", found)
        .with("wanted", wanted);
  }

  /// A place inside the folder.
  public Path resolve(String name) {
    return folder.resolve(name);
  }

  /// Moves a damaged file or folder to `quarantine/<name>-<n>`, where nothing reads it any more.
  public Path moveAside(String name) {
    Path quarantine = folder.resolve("quarantine");
    try {
      Files.createDirectories(quarantine);
      for (int n = 1; n <= MAX_ASIDE; n++) {
        Path target = quarantine.resolve(name + "-" + n);
        if (!Files.exists(target)) {
          DurableFiles.publish(folder.resolve(name), target);
          return target;
        }
      }
    } catch (IOException e) {
      throw Disk.refusal("moving " + folder.resolve(name) + " to " + quarantine, e);
    }
    throw new Refusal(
        Reason.STORAGE_CORRUPT,
        quarantine + " holds " + MAX_ASIDE + " damaged copies of " + name + "; look at the disk");
  }

  @Override
  public void close() {
    release(lock);
  }

  private static void release(@Nullable FileChannel lock) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      throw Disk.refusal("releasing the lock of the state folder", e);
    }
  }
}
