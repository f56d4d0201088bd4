package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Timestamp;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.DigestCache;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Walks the data root and tells what is in it. One scan at a time; a scan reads only files that
/// are new or changed. Files appear under their final name whole (they are renamed into place), so
/// that nothing half-written is seen; a database with a journal beside it is in use and left out.
final class ManifestScanner {
  static final int MOST_FILES = 100_000;
  private static final int DEEPEST = 32;
  private static final List<String> JOURNALS = List.of("-wal", "-journal", "-shm");

  private final NodeId self;
  private final SafePath paths;
  private final DigestCache cache;
  private final int mostFiles;
  private final ReentrantLock scanning = new ReentrantLock();
  private volatile SortedMap<String, Seen> seen = new TreeMap<>();
  private volatile Manifest latest;

  /// What the latest manifest was made of.
  private volatile @Nullable List<Seen> listed;

  /// A file as last read.
  ///
  /// @param as the attributes that it had, by which an unchanged one is told without a question
  ///   more
  private record Seen(As as, FileEntry entry) {}

  /// What a walk tells of a file anyway.
  ///
  /// @param key the file system's own; null where there is none
  private record As(long size, FileTime modified, @Nullable Object key) {
    static As of(BasicFileAttributes attributes) {
      return new As(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
  }

  ManifestScanner(NodeId self, SafePath paths, DigestCache cache, int mostFiles) {
    this.self = self;
    this.paths = paths;
    this.cache = cache;
    this.mostFiles = mostFiles;
    this.latest = Manifest.newBuilder().setNodeId(self.value()).build();
  }

  /// The last scan; empty before the first.
  Manifest latest() {
    return latest;
  }

  /// Scans now.
  ///
  /// @throws Refusal OVERLOADED beyond the greatest number of files, STORAGE_FAILED
  Manifest scan() {
    scanning.lock();
    try {
      var found = new TreeMap<String, Seen>();
      var journaled = new HashSet<String>();
      for (String folder : FileKinds.FOLDERS) {
        Path top = paths.root().resolve(folder);
        if (Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS)) {
          Files.walkFileTree(top, Set.of(), DEEPEST, visitor(found, journaled));
        }
      }
      found.keySet().removeAll(journaled);
      var entries = List.copyOf(found.values());
      seen = found;
      latest = entries.equals(listed) ? looked(latest) : manifest(entries);
      listed = entries;
      return latest;
    } catch (IOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED, "data root " + paths.root() + " cannot be read: " + e, e);
    } finally {
      scanning.unlock();
    }
  }

  /// Forgets what is remembered of a path, so that the next scan reads it.
  void forget(String path) {
    scanning.lock();
    try {
      var rest = new TreeMap<>(seen);
      rest.remove(path);
      seen = rest;
      cache.forget(path);
    } finally {
      scanning.unlock();
    }
  }

  private SimpleFileVisitor<Path> visitor(Map<String, Seen> found, Set<String> journaled) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        return folder.endsWith(".partial")
            ? FileVisitResult.SKIP_SUBTREE
            : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        String name = String.valueOf(file.getFileName());
        JOURNALS.stream()
            .filter(name::endsWith)
            .forEach(end -> journaled.add(slashed(file.resolveSibling(without(name, end)))));
        if (attributes.isRegularFile()) {
          add(file, As.of(attributes), found);
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException failure) {
        // Gone or not ours to read: not part of the data.
        return FileVisitResult.CONTINUE;
      }
    };
  }

  private void add(Path file, As as, Map<String, Seen> found) {
    String path = slashed(file);
    var before = seen.get(path);
    boolean same = before != null && before.as().equals(as);
    if (!same && (FileKinds.typeOf(path).isEmpty() || !wellFormed(path))) {
      return;
    }
    if (!same && inUse(file)) {
      return;
    }
    if (found.size() >= mostFiles) {
      throw new Refusal(
          Reason.OVERLOADED,
          "more than "
              + mostFiles
              + " files under "
              + paths.root()
              + "; move finished ones away or join them");
    }
    if (same) {
      found.put(path, before);
    } else {
      read(path, file, as).ifPresent(entry -> found.put(path, entry));
    }
  }

  private static String without(String name, String end) {
    return name.substring(0, name.length() - end.length());
  }

  private String slashed(Path file) {
    String path = paths.root().relativize(file).toString();
    String separator = file.getFileSystem().getSeparator();
    return separator.equals("/") ? path : path.replace(separator, "/");
  }

  private static boolean wellFormed(String path) {
    try {
      SafePath.check(path);
      return true;
    } catch (Refusal refusal) {
      // A name that no other node would accept is not advertised.
      return false;
    }
  }

  private static boolean inUse(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".db")
        && JOURNALS.stream().anyMatch(end -> Files.exists(file.resolveSibling(name + end)));
  }

  private Optional<Seen> read(String path, Path file, As as) {
    try {
      return FileDigest.known(cache, path, file)
          .map(known -> new Seen(as, entry(path, file, known)));
    } catch (IOException e) {
      // Vanished while it was read; the next scan sees what stands then.
      return Optional.empty();
    }
  }

  private static FileEntry entry(String path, Path file, FileDigest.Known known) {
    var identity = known.identity();
    return FileEntry.newBuilder()
        .setPath(path)
        .setSizeBytes(identity.size())
        .setModifiedTime(timestamp(identity.modifiedNanos()))
        .setSha256(known.sha256())
        .setFileType(FileKinds.typeOf(path).orElse(""))
        .setConfigKey(FileKinds.configKey(path))
        .setGameCount(GameCounter.count(path, file, identity.size()))
        .build();
  }

  private static Timestamp timestamp(long nanos) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(nanos, 1_000_000_000L))
        .setNanos((int) Math.floorMod(nanos, 1_000_000_000L))
        .build();
  }

  private static Manifest looked(Manifest manifest) {
    return manifest.toBuilder().setCollectTime(now()).build();
  }

  private static Timestamp now() {
    return Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()).build();
  }

  private Manifest manifest(List<Seen> found) {
    var entries = found.stream().map(Seen::entry).toList();
    String digest = digest(entries);
    boolean changed = !digest.equals(latest.getDigest());
    return Manifest.newBuilder()
        .setNodeId(self.value())
        .setCollectTime(now())
        .addAllFiles(entries)
        .setVersion(latest.getVersion() + (changed ? 1 : 0))
        .setDigest(digest)
        .setTotalSizeBytes(entries.stream().mapToLong(FileEntry::getSizeBytes).sum())
        .setTotalGames(entries.stream().mapToLong(FileEntry::getGameCount).sum())
        .build();
  }

  /// Hash over path, size and content hash in the order of paths: equal on nodes that hold the
  /// same.
  static String digest(List<FileEntry> sorted) {
    var digest = FileDigest.sha256();
    for (FileEntry entry : sorted) {
      String line = entry.getPath() + "\n" + entry.getSizeBytes() + "\n" + entry.getSha256() + "\n";
      digest.update(line.getBytes(UTF_8));
    }
    return FileDigest.hex(digest);
  }
}
