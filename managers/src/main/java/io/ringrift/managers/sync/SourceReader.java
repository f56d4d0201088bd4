package io.ringrift.managers.sync;

import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.ReadFileResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/// Reads a stretch of a file from a source, and believes no chunk whose checksum is wrong. Blocks;
/// safe for many threads.
final class SourceReader {
  /// Names the source in a refusal that it is to blame for.
  static final String BLAMED = "source_node_id";

  private final SyncConfig config;
  private final Intake intake;

  SourceReader(SyncConfig config, Intake intake) {
    this.config = config;
    this.intake = intake;
  }

  /// Takes what arrives, in order and without gaps.
  @FunctionalInterface
  interface Sink {
    void take(ByteBuffer bytes) throws IOException;
  }

  /// Bytes from an offset up to an end.
  record Stretch(long from, long end) {}

  /// What a source holds under a path, for callers who were not told.
  Content describe(String path, Source source) throws InterruptedException {
    var request = ReadFileRequest.newBuilder().setPath(path).build();
    var call = open(source, request);
    try {
      FileEntry entry = next(call, source, path).getEntry();
      if (!entry.getPath().equals(path)
          || !FileDigest.isSha256(entry.getSha256())
          || entry.getSizeBytes() < 0
          || entry.getSizeBytes() > RangedFile.MOST_BYTES) {
        throw mismatch(path, source, "describes it wrongly");
      }
      return Content.of(entry);
    } finally {
      call.cancel("described", null);
    }
  }

  /// Reads the whole stretch.
  ///
  /// @return bytes read
  /// @throws Refusal of the source; what was taken before it is right by its checksums
  /// @throws IOException of the sink
  long read(Source source, Content wanted, Stretch stretch, Sink sink)
      throws IOException, InterruptedException {
    if (stretch.from() == stretch.end()) {
      return 0;
    }
    try (var pace = intake.from(source.node())) {
      return read(source, wanted, stretch, sink, pace);
    }
  }

  private long read(Source source, Content wanted, Stretch stretch, Sink sink, Pace pace)
      throws IOException, InterruptedException {
    long at = stretch.from();
    var call =
        open(
            source,
            ReadFileRequest.newBuilder()
                .setPath(wanted.path())
                .setOffset(at)
                .setLength(stretch.end() - at)
                .setSha256(wanted.sha256())
                .build());
    try {
      while (at < stretch.end()) {
        var message = next(call, source, wanted.path());
        checkSize(message.getEntry(), source, wanted);
        check(message, source, wanted, at);
        var bytes = message.getChunk().asReadOnlyByteBuffer();
        // A source that knows no lengths sends on.
        int size = (int) Math.min(bytes.remaining(), stretch.end() - at);
        sink.take(bytes.slice(0, size));
        at += size;
        pace.received(size);
      }
      return at - stretch.from();
    } finally {
      call.cancel("enough", null);
    }
  }

  /// A source that has the wanted hash knows the size better than whoever told it.
  private static void checkSize(FileEntry entry, Source source, Content wanted) {
    if (entry.getSha256().equals(wanted.sha256()) && entry.getSizeBytes() != wanted.size()) {
      throw Refusal.invalid(
          "size_bytes of " + wanted.path(),
          Long.toString(wanted.size()),
          entry.getSizeBytes() + " for its hash, as " + source.node() + " holds it");
    }
  }

  private static void check(ReadFileResponse message, Source source, Content wanted, long at) {
    int size = message.getChunk().size();
    if (message.getOffset() != at || size == 0) {
      throw mismatch(
          wanted.path(),
          source,
          "sent " + size + " bytes of offset " + message.getOffset() + " after " + at);
    }
    if (at + size > wanted.size()) {
      throw mismatch(wanted.path(), source, "sent more than " + wanted.size() + " bytes");
    }
    var sum = new CRC32C();
    sum.update(message.getChunk().asReadOnlyByteBuffer());
    if ((int) sum.getValue() != message.getCrc32C()) {
      throw mismatch(wanted.path(), source, "sent a chunk at " + at + " with a wrong checksum");
    }
  }

  private BlockingClientCall<?, ReadFileResponse> open(Source source, ReadFileRequest request) {
    return SyncServiceGrpc.newBlockingV2Stub(source.channel())
        .withDeadlineAfter(config.transferTimeout())
        .readFile(request);
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
      throw ofSource(
          source, Errors.fromStatus(new StatusRuntimeException(e.getStatus(), e.getTrailers())));
    }
  }

  /// Storage that failed is, in the answer of a receiver, its own.
  private static Refusal ofSource(Source source, Refusal refusal) {
    return refusal.reason() == Reason.STORAGE_FAILED
        ? new Refusal(Reason.UNREACHABLE, source.node() + ": " + refusal.text(), refusal)
        : refusal;
  }

  /// A refusal that blames a source.
  static Refusal mismatch(String path, Source source, String what) {
    return new Refusal(
            Reason.DIGEST_MISMATCH, source.node() + " " + what + " (" + path + "); not kept")
        .with(BLAMED, source.node().value());
  }
}
