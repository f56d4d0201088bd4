package io.ringrift.managers.sync;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.DigestCache;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.ReadFileResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/// Sends files in chunks, as fast as the receiver takes them: a chunk is read from the disk only
/// when the call is ready for one, so that a slow receiver costs one chunk of memory and no thread.
final class FileSender {
  static final int CHUNK = 256 << 10;
  private static final int MOST_AT_ONCE = 64;

  private final SafePath paths;
  private final DigestCache cache;
  private final AtomicInteger open = new AtomicInteger();

  FileSender(SafePath paths, DigestCache cache) {
    this.paths = paths;
    this.cache = cache;
  }

  /// Begins to send; returns at once.
  ///
  /// @throws Refusal FILE_NOT_FOUND, PATH_OUTSIDE_ROOT, DIGEST_MISMATCH when the file is not the
  ///   expected one, OVERLOADED
  void send(ReadFileRequest request, ServerCallStreamObserver<ReadFileResponse> receiver) {
    Path file = paths.resolve(request.getPath());
    if (open.incrementAndGet() > MOST_AT_ONCE) {
      open.decrementAndGet();
      throw new Refusal(
          Reason.OVERLOADED, MOST_AT_ONCE + " files are being sent already; ask again later");
    }
    boolean begun = false;
    try {
      var known = known(request, file);
      var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      var sending = new Sending(request, file, known, channel, receiver);
      receiver.setOnReadyHandler(sending::step);
      receiver.setOnCancelHandler(sending::end);
      begun = true;
    } catch (NoSuchFileException e) {
      throw notFound(request, e);
    } catch (IOException e) {
      throw failed(request, e);
    } finally {
      if (!begun) {
        open.decrementAndGet();
      }
    }
  }

  private FileDigest.Known known(ReadFileRequest request, Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(request.getPath());
    }
    var known =
        FileDigest.known(cache, request.getPath(), file).orElseThrow(() -> changed(request));
    if (!request.getSha256().isEmpty() && !request.getSha256().equals(known.sha256())) {
      throw new Refusal(
          Reason.DIGEST_MISMATCH,
          request.getPath() + " has the hash " + known.sha256() + " here; plan again");
    }
    long size = known.identity().size();
    if (request.getOffset() < 0 || request.getOffset() > size) {
      throw Refusal.invalid("offset", Long.toString(request.getOffset()), "0 to " + size);
    }
    if (request.getLength() < 0) {
      throw Refusal.invalid("length", Long.toString(request.getLength()), "0 or greater");
    }
    return known;
  }

  private static Refusal notFound(ReadFileRequest request, IOException cause) {
    return new Refusal(
        Reason.FILE_NOT_FOUND, request.getPath() + " is not here; ask another node", cause);
  }

  private static Refusal failed(ReadFileRequest request, IOException cause) {
    return new Refusal(
        Reason.STORAGE_FAILED, request.getPath() + " cannot be read: " + cause, cause);
  }

  private static Refusal changed(ReadFileRequest request) {
    return new Refusal(
        Reason.SOURCE_CHANGED,
        request.getPath() + " changed while it was sent; begin again from zero");
  }

  /// One file on its way out. gRPC calls back serially.
  private final class Sending {
    private final ReadFileRequest request;
    private final Path file;
    private final FileDigest.Known known;
    private final FileChannel channel;
    private final ServerCallStreamObserver<ReadFileResponse> receiver;
    private final long end;
    private long offset;
    private boolean first = true;
    private boolean ended;

    Sending(
        ReadFileRequest request,
        Path file,
        FileDigest.Known known,
        FileChannel channel,
        ServerCallStreamObserver<ReadFileResponse> receiver) {
      this.request = request;
      this.file = file;
      this.known = known;
      this.channel = channel;
      this.receiver = receiver;
      this.offset = request.getOffset();
      long rest = known.identity().size() - offset;
      this.end = offset + (request.getLength() == 0 ? rest : Math.min(rest, request.getLength()));
    }

    void step() {
      try {
        while (!ended && receiver.isReady()) {
          if (!first && offset == end) {
            finish();
          } else {
            receiver.onNext(chunk());
          }
        }
      } catch (IOException e) {
        fail(failed(request, e));
      } catch (Refusal refusal) {
        fail(refusal);
      }
    }

    private ReadFileResponse chunk() throws IOException {
      int length = (int) Math.min(CHUNK, end - offset);
      var buffer = ByteBuffer.allocate(length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, offset + buffer.position()) < 0) {
          throw changed(request);
        }
      }
      var sum = new CRC32C();
      sum.update(buffer.flip());
      var response =
          ReadFileResponse.newBuilder()
              .setOffset(offset)
              .setChunk(UnsafeByteOperations.unsafeWrap(buffer.rewind()))
              .setCrc32C((int) sum.getValue());
      if (first) {
        response.setEntry(
            FileEntry.newBuilder()
                .setPath(request.getPath())
                .setSizeBytes(known.identity().size())
                .setSha256(known.sha256()));
        first = false;
      }
      offset += length;
      return response.build();
    }

    /// The hash was told at the beginning: it has to be true still.
    private void finish() throws IOException {
      if (!FileDigest.identity(request.getPath(), file).equals(known.identity())) {
        throw changed(request);
      }
      end();
      receiver.onCompleted();
    }

    private void fail(Refusal refusal) {
      end();
      receiver.onError(Errors.toStatus(refusal));
    }

    void end() {
      if (ended) {
        return;
      }
      ended = true;
      open.decrementAndGet();
      try {
        channel.close();
      } catch (IOException e) {
        // It was only read; nothing is lost.
        return;
      }
    }
  }
}
