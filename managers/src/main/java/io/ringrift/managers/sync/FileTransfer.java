package io.ringrift.managers.sync;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.DigestCache;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.ReadFileResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/// Receives files: under its final name a file is bit-identical to the expected hash, or absent
/// (RELIABILITY S1). Nothing that stands there is overwritten. Blocks; safe for many threads.
final class FileTransfer {
  /// Names the source in a refusal that it is to blame for.
  private static final String BLAMED = "source_node_id";

  private final SafePath paths;
  private final DigestCache cache;
  private final SyncConfig config;
  private final Space space;
  private final Ticker ticker;
  private final Underway underway;
  private final BadSources bad;

  FileTransfer(
      SafePath paths,
      DigestCache cache,
      SyncConfig config,
      Space space,
      Underway underway,
      BadSources bad,
      Ticker ticker) {
    this.paths = paths;
    this.cache = cache;
    this.config = config;
    this.space = space;
    this.underway = underway;
    this.bad = bad;
    this.ticker = ticker;
  }

  /// What a source holds under a path, for callers who were not told.
  Content describe(String path, Source source) throws InterruptedException {
    var call = open(source, path, 0, "");
    try {
      FileEntry entry = next(call, source, path).getEntry();
      if (!entry.getPath().equals(path)
          || !FileDigest.isSha256(entry.getSha256())
          || entry.getSizeBytes() < 0) {
        throw mismatch(path, source, "describes it wrongly");
      }
      return Content.of(entry);
    } finally {
      call.cancel("described", null);
    }
  }

  /// Brings a file here, from the first source that can give it.
  ///
  /// @param sources at least one, in order of preference
  /// @return bytes received; 0 when the very content was here already
  /// @throws Refusal of the last source tried; DISK_FULL, STORAGE_FAILED and PATH_OUTSIDE_ROOT at
  ///   once
  long fetch(Content wanted, List<Source> sources) throws InterruptedException {
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
      requireRoom(wanted, partial);
      paths.makeFolders(wanted.path(), target);
      return fromAny(wanted, sources, partial, target);
    } catch (IOException e) {
      throw storageFailed(wanted, e);
    } finally {
      underway.end(wanted.path());
    }
  }

  private long fromAny(Content wanted, List<Source> sources, Path partial, Path target)
      throws IOException, InterruptedException {
    Refusal last = new Refusal(Reason.FILE_NOT_FOUND, "no node to read " + wanted.path() + " from");
    var usable = bad.usable(wanted, sources);
    if (usable.isEmpty() && !sources.isEmpty()) {
      throw avoided(wanted, sources.getFirst());
    }
    for (Source source : usable) {
      try {
        return from(source, wanted, partial, target);
      } catch (Refusal refusal) {
        if (refusal.details().containsKey(BLAMED)) {
          bad.note(source.node(), wanted, refusal.text());
        }
        last = refusal;
      }
    }
    throw last;
  }

  private long from(Source source, Content wanted, Path partial, Path target)
      throws IOException, InterruptedException {
    try (var file = PartialFile.open(partial, wanted.size())) {
      boolean resumed = file.length() > 0;
      long received = receive(source, wanted, file);
      if (!file.sha256().equals(wanted.sha256())) {
        file.restart();
        if (!resumed) {
          Files.deleteIfExists(partial);
          throw mismatch(wanted.path(), source, "sent other content than " + wanted.sha256());
        }
        // The earlier part may be to blame and not this source: once more, from zero.
        received = receive(source, wanted, file);
        if (!file.sha256().equals(wanted.sha256())) {
          Files.deleteIfExists(partial);
          throw mismatch(wanted.path(), source, "sent other content than " + wanted.sha256());
        }
      }
      publish(wanted, file, target);
      Files.deleteIfExists(partial);
      return received;
    }
  }

  private long receive(Source source, Content wanted, PartialFile file)
      throws IOException, InterruptedException {
    if (file.length() == wanted.size()) {
      return 0;
    }
    var pace = new Pace(ticker, config.bytesPerSecond());
    long received = 0;
    var call = open(source, wanted.path(), file.length(), wanted.sha256());
    try {
      while (file.length() < wanted.size()) {
        var message = next(call, source, wanted.path());
        checkChunk(message, source, wanted, file);
        file.append(message.getChunk().asReadOnlyByteBuffer());
        received += message.getChunk().size();
        pace.received(message.getChunk().size());
      }
      return received;
    } finally {
      call.cancel("enough", null);
    }
  }

  private static void checkChunk(
      ReadFileResponse message, Source source, Content wanted, PartialFile file) {
    int size = message.getChunk().size();
    if (message.getOffset() != file.length() || size == 0) {
      throw mismatch(
          wanted.path(),
          source,
          "sent " + size + " bytes of offset " + message.getOffset() + " after " + file.length());
    }
    if (file.length() + size > wanted.size()) {
      throw mismatch(wanted.path(), source, "sent more than " + wanted.size() + " bytes");
    }
    var sum = new CRC32C();
    sum.update(message.getChunk().asReadOnlyByteBuffer());
    if ((int) sum.getValue() != message.getCrc32C()) {
      throw mismatch(
          wanted.path(), source, "sent a chunk at " + file.length() + " with a wrong checksum");
    }
  }

  private void publish(Content wanted, PartialFile file, Path target) throws IOException {
    try {
      file.publish(target);
    } catch (FileAlreadyExistsException e) {
      if (!present(wanted, target)) {
        throw new IllegalStateException("present tells of a conflict", e);
      }
    }
    cache.put(FileDigest.identity(wanted.path(), target), wanted.sha256());
  }

  private BlockingClientCall<?, ReadFileResponse> open(
      Source source, String path, long offset, String sha256) {
    return SyncServiceGrpc.newBlockingV2Stub(source.channel())
        .withDeadlineAfter(config.transferTimeout())
        .readFile(
            ReadFileRequest.newBuilder().setPath(path).setOffset(offset).setSha256(sha256).build());
  }

  private ReadFileResponse next(
      BlockingClientCall<?, ReadFileResponse> call, Source source, String path)
      throws InterruptedException {
    try {
      var message = call.read(config.idleTimeout().toMillis(), TimeUnit.MILLISECONDS);
      if (message == null) {
        throw new Refusal(
            Reason.UNREACHABLE, source.node() + " ended before the end of " + path + "; try again");
      }
      return message;
    } catch (TimeoutException e) {
      throw new Refusal(
          Reason.DEADLINE_EXCEEDED,
          source.node() + " sent nothing of " + path + " for " + config.idleTimeout(),
          e);
    } catch (StatusException e) {
      Status status = e.getStatus();
      throw Errors.fromStatus(new StatusRuntimeException(status, e.getTrailers()));
    }
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

  private void requireRoom(Content wanted, Path partial) throws IOException {
    long needed = wanted.size() - (Files.exists(partial) ? Files.size(partial) : 0);
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

  private static Refusal mismatch(String path, Source source, String what) {
    return new Refusal(
            Reason.DIGEST_MISMATCH, source.node() + " " + what + " (" + path + "); not kept")
        .with(BLAMED, source.node().value());
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
        .with(BLAMED, source.node().value());
  }
}
