package io.ringrift.managers.sync;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.DigestCache;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/// Receives files: under its final name a file is bit-identical to the expected hash, or absent
/// (RELIABILITY S1). Nothing that stands there is overwritten. Blocks; safe for many threads.
final class FileTransfer {
  private final SafePath paths;
  private final DigestCache cache;
  private final SyncConfig config;
  private final Space space;
  private final Underway underway;
  private final BadSources bad;
  private final SourceReader reader;
  private final RangedTransfer ranges;

  FileTransfer(
      SafePath paths,
      DigestCache cache,
      SyncConfig config,
      Space space,
      Underway underway,
      BadSources bad,
      Intake intake) {
    this.paths = paths;
    this.cache = cache;
    this.config = config;
    this.space = space;
    this.underway = underway;
    this.bad = bad;
    this.reader = new SourceReader(config, intake);
    this.ranges = new RangedTransfer(config, intake, reader, bad);
  }

  /// What a source holds under a path, for callers who were not told.
  Content describe(String path, Source source) throws InterruptedException {
    return reader.describe(path, source);
  }

  /// Brings a file here, from the first source that can give it.
  ///
  /// @param sources at least one, in order of preference
  /// @return bytes received; 0 when the very content was here already
  /// @throws Refusal of the last source tried; DISK_FULL, STORAGE_FAILED and PATH_OUTSIDE_ROOT at
  ///   once
  long fetch(Content wanted, List<Source> sources) throws InterruptedException {
    checkSize(wanted);
    Path target = paths.resolve(wanted.path());
    if (!underway.begin(wanted.path())) {
      throw new Refusal(
          Reason.SYNC_IN_PROGRESS, wanted.path() + " is being received already; ask again later");
    }
    try {
      Path partial = paths.partial(wanted.path(), wanted.sha256());
      if (present(wanted, target)) {
        Files.deleteIfExists(partial);
        return 0;
      }
      paths.makeFolders(wanted.path(), target);
      return fromAny(wanted, sources, partial, target);
    } catch (IOException e) {
      throw storageFailed(wanted, e);
    } finally {
      underway.end(wanted.path());
    }
  }

  private static void checkSize(Content wanted) {
    boolean emptyHash = wanted.sha256().equals(FileDigest.ofText(""));
    if (wanted.size() < 0
        || wanted.size() > RangedFile.MOST_BYTES
        || emptyHash != (wanted.size() == 0)) {
      throw Refusal.invalid(
          "size_bytes of " + wanted.path(),
          Long.toString(wanted.size()),
          emptyHash ? "0 for its hash" : "1 to " + RangedFile.MOST_BYTES + " for its hash");
    }
  }

  private long fromAny(Content wanted, List<Source> sources, Path partial, Path target)
      throws IOException, InterruptedException {
    Refusal last = new Refusal(Reason.FILE_NOT_FOUND, "no node to read " + wanted.path() + " from");
    var usable = bad.usable(wanted, sources);
    if (usable.isEmpty() && !sources.isEmpty()) {
      throw avoided(wanted, sources.getFirst());
    }
    // From one source alone it is faster in one piece: hashed while it is written, forced once.
    if (wanted.size() >= config.ranges().fromBytes()
        && (usable.size() > 1 || (!usable.isEmpty() && RangedFile.isBegun(partial)))) {
      return inRanges(usable, wanted, partial, target);
    }
    requireRoom(wanted, wanted.size() - (Files.exists(partial) ? Files.size(partial) : 0));
    for (Source source : usable) {
      try {
        return from(source, wanted, partial, target);
      } catch (Refusal refusal) {
        if (refusal.details().containsKey(SourceReader.BLAMED)) {
          bad.note(source.node(), wanted, refusal.text());
        }
        bad.late(source.node(), wanted);
        last = refusal;
      } catch (InterruptedException e) {
        bad.late(source.node(), wanted);
        throw e;
      }
    }
    throw last;
  }

  private long inRanges(List<Source> sources, Content wanted, Path partial, Path target)
      throws IOException, InterruptedException {
    long rangeBytes = config.ranges().rangeBytes();
    try (var file = RangedFile.open(space, partial, wanted.size(), rangeBytes)) {
      requireRoom(wanted, file.missing());
      long received = ranges.receive(wanted, sources, file);
      file.force();
      publish(wanted, file.path(), target);
      file.delete();
      return received;
    }
  }

  private long from(Source source, Content wanted, Path partial, Path target)
      throws IOException, InterruptedException {
    try (var file = PartialFile.open(space, partial, wanted.size())) {
      boolean resumed = file.length() > 0;
      long received = receive(source, wanted, file);
      if (!file.sha256().equals(wanted.sha256())) {
        file.restart();
        if (!resumed) {
          Files.deleteIfExists(partial);
          throw SourceReader.mismatch(
              wanted.path(), source, "sent other content than " + wanted.sha256());
        }
        // The earlier part may be to blame and not this source: once more, from zero.
        received = receive(source, wanted, file);
        if (!file.sha256().equals(wanted.sha256())) {
          Files.deleteIfExists(partial);
          throw SourceReader.mismatch(
              wanted.path(), source, "sent other content than " + wanted.sha256());
        }
      }
      file.force();
      publish(wanted, partial, target);
      Files.deleteIfExists(partial);
      return received;
    }
  }

  private long receive(Source source, Content wanted, PartialFile file)
      throws IOException, InterruptedException {
    var rest = new SourceReader.Stretch(file.length(), wanted.size());
    return reader.read(source, wanted, rest, file::append);
  }

  private void publish(Content wanted, Path file, Path target) throws IOException {
    try {
      PartialFile.publish(file, target);
    } catch (FileAlreadyExistsException e) {
      if (!present(wanted, target)) {
        throw new IllegalStateException("present tells of a conflict", e);
      }
    }
    cache.put(FileDigest.identity(wanted.path(), target), wanted.sha256());
  }

  /// True when the very content is here; another content under the name is refused.
  private boolean present(Content wanted, Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    var here = FileDigest.known(cache, wanted.path(), target);
    if (here.isPresent() && here.get().sha256().equals(wanted.sha256())) {
      return true;
    }
    throw new Refusal(
        Reason.DIGEST_MISMATCH,
        wanted.path()
            + " is here already with other content, which is kept; rename one of the two (wanted "
            + wanted.sha256()
            + ", here "
            + here.map(FileDigest.Known::sha256).orElse("changing")
            + ")");
  }

  private void requireRoom(Content wanted, long needed) throws IOException {
    long receivable = space.of(paths.root()).receivable(config.maxDiskPercent());
    if (needed > 0 && needed > receivable) {
      throw new Refusal(
          Reason.DISK_FULL,
          wanted.path()
              + " needs "
              + needed
              + " bytes but "
              + Math.max(0, receivable)
              + " may be received before the disk is "
              + config.maxDiskPercent()
              + " % full; free some");
    }
  }

  /// A full disk says so only in words.
  private static Refusal storageFailed(Content wanted, IOException cause) {
    boolean full = String.valueOf(cause.getMessage()).contains("No space left");
    return new Refusal(
        full ? Reason.DISK_FULL : Reason.STORAGE_FAILED,
        wanted.path() + " cannot be written: " + cause,
        cause);
  }

  private static Refusal avoided(Content wanted, Source source) {
    return new Refusal(
            Reason.DIGEST_MISMATCH,
            "every source of "
                + wanted.path()
                + " sent damaged content within "
                + BadSources.AVOIDED.toMinutes()
                + " minutes, such as "
                + source.node()
                + "; see `sync status`, and `sync verify` repairs it")
        .with(SourceReader.BLAMED, source.node().value());
  }
}
