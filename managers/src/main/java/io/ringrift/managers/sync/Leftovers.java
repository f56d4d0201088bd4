package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What transfers left that ended before their end. It stays for the next try; it is removed when
/// its content is here, when nobody went on with it for long, and, the oldest first, when there is
/// too much of it. A transfer under way loses nothing. Blocks on the disk; safe for any thread.
final class Leftovers {
  /// Transfers of which something is kept.
  static final int MOST = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  /// Hash of the content, then of the path; a file and its marks have them in common.
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{64})-([0-9a-f]{8})-.*");

  private final SafePath paths;
  private final Underway underway;
  private final ManifestScanner scanner;
  private final Duration age;
  private final SyncCounters counters;
  private final Supplier<Instant> wallClock;

  /// @param age how long nobody may go on with something before it is removed
  /// @param wallClock times of files are compared with it, as they come from the same clock
  Leftovers(
      SafePath paths,
      Underway underway,
      ManifestScanner scanner,
      Duration age,
      SyncCounters counters,
      Supplier<Instant> wallClock) {
    this.paths = paths;
    this.underway = underway;
    this.scanner = scanner;
    this.age = age;
    this.counters = counters;
    this.wallClock = wallClock;
  }

  /// What there is now.
  record Sum(int files, long bytes) {}

  private record One(Path file, long bytes, Instant modified) {}

  /// All files of one transfer.
  private record Transfer(String pathHash, List<One> files) {
    Instant modified() {
      return files.stream().map(One::modified).max(Comparator.naturalOrder()).orElse(Instant.MAX);
    }
  }

  Sum sum() {
    var files = transfers().values().stream().flatMap(one -> one.files().stream()).toList();
    return new Sum(files.size(), files.stream().mapToLong(One::bytes).sum());
  }

  /// Removes what is too old, too much, or not needed any more.
  void sweep() {
    var found = transfers();
    if (found.isEmpty()) {
      return;
    }
    var here = here();
    Instant oldest = wallClock.get().minus(age);
    var byAge = new ArrayList<>(found.entrySet());
    byAge.sort(Comparator.comparing(entry -> entry.getValue().modified()));
    int tooMany = byAge.size() - MOST;
    for (var entry : byAge) {
      var transfer = entry.getValue();
      if (here.contains(entry.getKey())) {
        remove(transfer, "its content is here");
      } else if (transfer.modified().isBefore(oldest)) {
        remove(transfer, "nobody went on with it for " + age);
      } else if (tooMany > 0) {
        remove(transfer, "there are more than " + MOST);
      }
      tooMany--;
    }
  }

  private Set<String> here() {
    var here = new HashSet<String>();
    scanner
        .latest()
        .getFilesList()
        .forEach(file -> here.add(file.getSha256() + "-" + SafePath.pathHash(file.getPath())));
    return here;
  }

  private void remove(Transfer transfer, String cause) {
    if (!underway.beginHash(transfer.pathHash())) {
      return;
    }
    try {
      if (!isAsItWas(transfer)) {
        // Somebody went on with it before the claim was taken.
        return;
      }
      for (One one : transfer.files()) {
        if (Files.deleteIfExists(one.file())) {
          counters.add(SyncCounters.PARTIALS_REMOVED, 1);
          counters.add(SyncCounters.PARTIAL_BYTES_REMOVED, one.bytes());
          LOG.info("unfinished {} is removed: {}", one.file(), cause);
        }
      }
    } catch (IOException e) {
      LOG.warn("an unfinished file stays: {}", e.toString());
    } finally {
      underway.endHash(transfer.pathHash());
    }
  }

  private static boolean isAsItWas(Transfer transfer) throws IOException {
    for (One one : transfer.files()) {
      if (Files.exists(one.file(), LinkOption.NOFOLLOW_LINKS)
          && !Files.getLastModifiedTime(one.file()).toInstant().equals(one.modified())) {
        return false;
      }
    }
    return true;
  }

  private Map<String, Transfer> transfers() {
    var transfers = new TreeMap<String, Transfer>();
    Path folder = paths.root().resolve(SafePath.PARTIAL);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return transfers;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        add(file, transfers);
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", folder, e.toString());
    }
    return transfers;
  }

  private static void add(Path file, Map<String, Transfer> transfers) throws IOException {
    var name = NAME.matcher(String.valueOf(file.getFileName()));
    if (!name.matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      var one = new One(file, Files.size(file), Files.getLastModifiedTime(file).toInstant());
      transfers
          .computeIfAbsent(
              name.group(1) + "-" + name.group(2),
              _ -> new Transfer(name.group(2), new ArrayList<>()))
          .files()
          .add(one);
    } catch (NoSuchFileException e) {
      LOG.debug("{} got its name meanwhile", file, e);
    }
  }
}
