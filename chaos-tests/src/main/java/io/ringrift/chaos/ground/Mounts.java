package io.ringrift.chaos.ground;

import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Small file systems of their own for state folders that have to fill up. Linux, root.
public final class Mounts {
  private static final Path TABLE = Path.of("/proc/mounts");
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private Mounts() {}

  /// Why it cannot be done here; empty when it can.
  static Optional<String> obstacle() {
    if (!Commands.root()) {
      return Optional.of("a file system of its own that fills up needs root");
    }
    return Commands.missing("mount", "umount").or(Mounts::refused);
  }

  /// Root of a container may lack the right: it is tried.
  private static Optional<String> refused() {
    try {
      Path folder = ChaosFolders.create();
      try {
        Path mount = folder.resolve("mount");
        add(mount, 1);
        return below(folder).isEmpty()
            ? Optional.of("a file system was mounted and is not in " + TABLE)
            : Optional.empty();
      } finally {
        var _ = ChaosFolders.remove(folder);
      }
    } catch (IOException | Refusal e) {
      return Optional.of("a file system of its own cannot be mounted here: " + e.getMessage());
    }
  }

  /// @param megabytes that the folder has room for
  static void add(Path folder, int megabytes) throws IOException {
    Files.createDirectories(folder);
    Commands.run(
        "mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
  }

  /// Whether the folder is a file system of its own.
  public static boolean at(Path folder) throws IOException {
    return below(folder.resolveSibling("")).contains(folder.toRealPath().toString());
  }

  static List<String> below(Path folder) throws IOException {
    if (!Files.exists(TABLE) || !Files.exists(folder)) {
      return List.of();
    }
    return below(folder.toRealPath(), Files.readAllLines(TABLE));
  }

  /// @param folder without symbolic links, as the kernel tells paths
  /// @param table lines of /proc/mounts, where a space in a path is written `\040`
  static List<String> below(Path folder, List<String> table) {
    return table.stream()
        .map(line -> line.split(" ", -1)[1])
        .map(path -> OCTAL.matcher(path).replaceAll(Mounts::character))
        .filter(path -> path.startsWith(folder + "/"))
        .toList();
  }

  private static String character(MatchResult octal) {
    return Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(octal.group(1), 8)));
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
