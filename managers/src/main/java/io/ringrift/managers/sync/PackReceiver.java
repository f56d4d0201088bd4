package io.ringrift.managers.sync;

import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.managers.DigestCache;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PackedFile;
import io.ringrift.sync.v1.ReadFilesRequest;
import io.ringrift.sync.v1.ReadFilesResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives many small files over one call and makes them durable together: what costs most with
/// them is one call and one wait for the disk each. Keeps the promise of FileTransfer, and leaves
/// to it whatever does not go smoothly. Blocks; safe for many threads.
final class PackReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(PackReceiver.class);

  private final SafePath paths;
  private final DigestCache cache;
  private final SyncConfig config;
  private final Space space;
  private final Underway underway;
  private final BadSources bad;
  private final Intake intake;

  PackReceiver(
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
    this.intake = intake;
  }

  /// A file that is written and not yet durable.
  private record Written(Content content, Path target, Path partial, FileChannel channel) {}

  /// Whether a file is small enough.
  static boolean takes(Content content) {
    return content.size() <= PackSender.MOST_BYTES;
  }

  /// Brings what can be had from one source.
  ///
  /// @return the paths that arrived; the others are as they were
  Set<String> fetch(List<Content> wanted, Source source) throws InterruptedException {
    var arrived = new LinkedHashSet<String>();
    var claimed = claim(wanted, source);
    var written = new ArrayList<Written>();
    try {
      if (!claimed.isEmpty() && hasRoom(claimed)) {
        receive(claimed, source, written);
        arrived.addAll(publish(written));
      }
    } catch (StatusException | TimeoutException | IOException | Refusal e) {
      LOG.debug("a pack of {} broke off: {}", source.node(), e.toString());
    } finally {
      written.forEach(PackReceiver::drop);
      claimed.forEach(content -> underway.end(content.path()));
    }
    return arrived;
  }

  /// Those that the source may be asked for, under whose names nothing stands and nothing is being
  /// received.
  private List<Content> claim(List<Content> wanted, Source source) {
    var claimed = new ArrayList<Content>();
    for (Content content : wanted) {
      if (!bad.usable(content, List.of(source)).isEmpty()
          && isFree(content.path())
          && underway.begin(content.path())) {
        claimed.add(content);
      }
    }
    return claimed;
  }

  private boolean isFree(String path) {
    try {
      return !Files.exists(paths.resolve(path), LinkOption.NOFOLLOW_LINKS);
    } catch (Refusal refusal) {
      // The single transfer tells why.
      return false;
    }
  }

  private boolean hasRoom(List<Content> wanted) throws IOException {
    long needed = wanted.stream().mapToLong(Content::size).sum();
    return needed <= space.of(paths.root()).receivable(config.maxDiskPercent());
  }

  private void receive(List<Content> wanted, Source source, List<Written> written)
      throws IOException, StatusException, TimeoutException, InterruptedException {
    try (var pace = intake.from(source.node())) {
      receive(wanted, source, written, pace);
    }
  }

  private void receive(List<Content> wanted, Source source, List<Written> written, Pace pace)
      throws IOException, StatusException, TimeoutException, InterruptedException {
    var call = open(wanted, source);
    try {
      int seen = 0;
      while (seen < wanted.size()) {
        var message = call.read(config.idleTimeout().toMillis(), TimeUnit.MILLISECONDS);
        if (message == null || message.getFilesCount() == 0) {
          return;
        }
        for (PackedFile file : message.getFilesList()) {
          seen++;
          if (file.getIndex() >= 0 && file.getIndex() < wanted.size()) {
            write(wanted.get(file.getIndex()), file, source, written);
          }
        }
        pace.received(message.getSerializedSize());
      }
    } finally {
      call.cancel("enough", null);
    }
  }

  private BlockingClientCall<?, ReadFilesResponse> open(List<Content> wanted, Source source) {
    var request = ReadFilesRequest.newBuilder();
    wanted.forEach(
        content ->
            request.addFiles(
                FileEntry.newBuilder().setPath(content.path()).setSha256(content.sha256())));
    return SyncServiceGrpc.newBlockingV2Stub(source.channel())
        .withDeadlineAfter(config.transferTimeout())
        .readFiles(request.build());
  }

  private void write(Content content, PackedFile file, Source source, List<Written> written)
      throws IOException {
    var bytes = file.getContent().asReadOnlyByteBuffer();
    if (!file.getReason().isEmpty()
        || bytes.remaining() != content.size()
        || !FileDigest.of(bytes.duplicate()).equals(content.sha256())) {
      LOG.debug("{} did not send {}: {}", source.node(), content.path(), file.getReason());
      return;
    }
    Path target = paths.resolve(content.path());
    paths.makeFolders(content.path(), target);
    Path partial = paths.partial(content.path(), content.sha256());
    var channel =
        space.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    written.add(new Written(content, target, partial, channel));
    while (bytes.hasRemaining()) {
      var _ = channel.write(bytes);
    }
  }

  /// Durable first, then under its name, then the name durable: as for a single file, but all at
  /// once, so that the disk joins the waits. Names that were given are durable whatever fails.
  private List<String> publish(List<Written> written) throws IOException, InterruptedException {
    force(written);
    var folders = new LinkedHashSet<Path>();
    var digests = new HashMap<DigestCache.Identity, String>();
    var published = new ArrayList<String>();
    try {
      for (Written one : written) {
        folders.add(one.target().getParent());
        if (link(one)) {
          String path = one.content().path();
          digests.put(FileDigest.identity(path, one.target()), one.content().sha256());
          published.add(path);
        }
      }
    } finally {
      for (Path folder : folders) {
        DurableFiles.sync(folder);
      }
    }
    cache.putAll(digests);
    return published;
  }

  /// @return false when something has come under that name meanwhile
  private static boolean link(Written one) throws IOException {
    try {
      Files.createLink(one.target(), one.partial());
      return true;
    } catch (FileAlreadyExistsException e) {
      LOG.debug("{} was made here meanwhile", one.target());
      return false;
    }
  }

  private static void force(List<Written> written) throws IOException, InterruptedException {
    var forced = new ArrayList<Future<?>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Written one : written) {
        forced.add(
            threads.submit(
                () -> {
                  one.channel().force(true);
                  return null;
                }));
      }
      for (Future<?> one : forced) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static void drop(Written one) {
    try {
      one.channel().close();
      Files.deleteIfExists(one.partial());
    } catch (IOException e) {
      LOG.debug("{} stays: {}", one.partial(), e.toString());
    }
  }
}
