package io.ringrift.managers.sync;

import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.QuarantinedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes files that rotted on this disk out of service: they go to a folder that no scan reads and
/// nothing is sent from, and what they were is fetched from another node. Never deletes. Blocks on
/// disk and network; safe for any thread.
final class Quarantine {
  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  private final SafePath paths;
  private final ManifestScanner scanner;
  private final Underway underway;
  private final FileFetcher fetcher;
  private final SyncEvents events;
  private final SyncCounters counters;

  Quarantine(
      SafePath paths,
      ManifestScanner scanner,
      Underway underway,
      FileFetcher fetcher,
      SyncEvents events,
      SyncCounters counters) {
    this.paths = paths;
    this.scanner = scanner;
    this.underway = underway;
    this.fetcher = fetcher;
    this.events = events;
    this.counters = counters;
  }

  /// @param expected what the file was when it was scanned
  /// @param actual hash of what it is now
  /// @return empty when it is being received, or cannot be moved
  Optional<QuarantinedFile> take(FileEntry expected, String actual) throws InterruptedException {
    var place = move(expected.getPath(), actual);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    LOG.warn(
        "{} has the hash {} instead of {}; it is now {}",
        expected.getPath(),
        actual,
        expected.getSha256(),
        place.get());
    counters.add(SyncCounters.QUARANTINED, 1);
    events.record(
        SyncEvents.QUARANTINED,
        expected.getPath(),
        Map.of("expected", expected.getSha256(), "actual", actual));
    var fetched = fetcher.fetch(FetchFilesRequest.newBuilder().addFiles(expected).build());
    return Optional.of(
        QuarantinedFile.newBuilder()
            .setPath(expected.getPath())
            .setExpectedSha256(expected.getSha256())
            .setActualSha256(actual)
            .setPlace(paths.root().relativize(place.get()).toString())
            .setRestored(fetched.getFailedCount() == 0)
            .setDetail(fetched.getFailedCount() == 0 ? "" : fetched.getFailed(0).getDetail())
            .build());
  }

  private Optional<Path> move(String path, String actual) {
    if (!underway.begin(path)) {
      return Optional.empty();
    }
    try {
      Path file = paths.resolve(path);
      Path place = paths.quarantine(path, actual);
      Files.move(file, place, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.syncFolderOf(place);
      DurableFiles.syncFolderOf(file);
      scanner.forget(path);
      return Optional.of(place);
    } catch (IOException e) {
      LOG.warn("{} is damaged and cannot be moved away: {}", path, e.toString());
      return Optional.empty();
    } finally {
      underway.end(path);
    }
  }
}
