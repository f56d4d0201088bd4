package io.ringrift.managers.sync;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Services;
import io.ringrift.managers.sync.Garbage.Found;
import io.ringrift.managers.sync.Garbage.Kind;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What nobody needs on this node, and where it lies: old enough files of the manifest, by what the
/// cluster says of runs and models, and what was put aside. Blocks on disk and network.
final class GarbageSource {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageSource.class);

  private final Services services;
  private final SyncConfig.Gc config;
  private final SafePath paths;
  private final ManifestScanner scanner;
  private final Supplier<Instant> wallClock;

  /// @param wallClock times of files are compared with it, as they come from the same clock
  GarbageSource(
      Services services,
      SyncConfig.Gc config,
      SafePath paths,
      ManifestScanner scanner,
      Supplier<Instant> wallClock) {
    this.services = services;
    this.config = config;
    this.paths = paths;
    this.scanner = scanner;
    this.wallClock = wallClock;
  }

  /// A file that nobody needs.
  record Place(Found found, Path file) {}

  /// @throws Refusal when the files or what the cluster knows cannot be read
  List<Place> found() {
    Manifest manifest = scanner.scan();
    var old = manifest.getFilesList().stream().filter(this::isOld).toList();
    var places = new ArrayList<Place>();
    for (Found found : among(old)) {
      places.add(new Place(found, paths.resolve(found.content().path())));
    }
    places.addAll(aside(manifest));
    return places;
  }

  private boolean isOld(FileEntry file) {
    return isOld(Instant.ofEpochSecond(file.getModifiedTime().getSeconds()));
  }

  private boolean isOld(Instant modified) {
    return modified.plus(config.age()).isBefore(wallClock.get());
  }

  private List<Found> among(List<FileEntry> files) {
    if (files.isEmpty()) {
      return List.of();
    }
    // Models first: a run that begins meanwhile goes on from one that was in office when it was
    // read.
    var models = GarbageKnowledge.models(services.onLeader());
    var runs = GarbageKnowledge.runs(services.onLeader());
    return Garbage.among(files, runs, models, config.keepModels());
  }

  /// What was put aside tells the hash of its content and a hash of the path where it was; the path
  /// is that of a file which is there now, or else unknown, and then it stays.
  private List<Place> aside(Manifest manifest) {
    var byHash = new HashMap<String, String>();
    manifest
        .getFilesList()
        .forEach(file -> byHash.put(SafePath.pathHash(file.getPath()), file.getPath()));
    var one = new HashMap<String, Place>();
    Path folder = paths.root().resolve(SafePath.ASIDE);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      files.sorted().forEach(file -> place(file, byHash).ifPresent(p -> one.put(path(p), p)));
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", folder, e.toString());
    }
    return List.copyOf(one.values());
  }

  private static String path(Place place) {
    return place.found().content().path();
  }

  private Optional<Place> place(Path file, Map<String, String> byHash) {
    String[] parts = String.valueOf(file.getFileName()).split("-", 3);
    String path = parts.length < 3 ? null : byHash.get(parts[1]);
    try {
      if (path == null
          || !FileDigest.isSha256(parts[0])
          || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || !isOld(Files.getLastModifiedTime(file).toInstant())) {
        return Optional.empty();
      }
      var content = new Content(path, Files.size(file), parts[0]);
      return Optional.of(new Place(new Found(content, Kind.ASIDE), file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
