package io.ringrift.chaos.ground;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Small file systems of their own for state folders that have to fill up. Linux, root.
final class Mounts {
  private static final Path TABLE = Path.of("/proc/mounts");

  private Mounts() {}

  /// Why it cannot be done here; empty when it can.
  static Optional<String> obstacle() {
    if (!Commands.root()) {
      return Optional.of("a file system of its own that fills up needs root");
    }
    return Commands.missing("mount", "umount");
  }

  /// @param megabytes that the folder has room for
  static void add(Path folder, int megabytes) throws IOException {
    Files.createDirectories(folder);
    Commands.run(
        "mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
  }

  static List<String> below(Path folder) throws IOException {
    if (!Files.exists(TABLE)) {
      return List.of();
    }
    return Files.readAllLines(TABLE).stream()
        .map(line -> line.split(" ", -1)[1])
        .filter(path -> path.startsWith(folder + "/"))
        .toList();
  }

  /// @return the mounts that were removed
  static List<String> removeBelow(Path folder) throws IOException {
    var removed = new ArrayList<String>();
    for (String mount : below(folder)) {
      try {
        Commands.run("umount", mount);
        removed.add(mount);
      } catch (Refusal inUse) {
        Commands.run("umount", "-l", mount);
        removed.add(mount + " (was in use)");
      }
    }
    return removed;
  }
}
