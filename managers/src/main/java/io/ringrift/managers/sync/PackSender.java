package io.ringrift.managers.sync;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PackedFile;
import io.ringrift.sync.v1.ReadFilesRequest;
import io.ringrift.sync.v1.ReadFilesResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Sends many small files over one call, several in a message, as fast as the receiver takes them.
/// Each is read whole and hashed before it is sent, so that a damaged one is not.
final class PackSender {
  /// Greatest file that goes this way, and about the size of a message.
  static final int MOST_BYTES = 256 << 10;

  private static final int MOST_AT_ONCE = 16;

  private final SafePath paths;
  private final AtomicInteger open = new AtomicInteger();

  PackSender(SafePath paths) {
    this.paths = paths;
  }

  /// Begins to send; returns at once. What cannot be sent is told in its place.
  ///
  /// @throws Refusal INVALID_ARGUMENT, PATH_OUTSIDE_ROOT or OVERLOADED
  void send(ReadFilesRequest request, ServerCallStreamObserver<ReadFilesResponse> receiver) {
    var _ = HeldFiles.checked(request.getFilesList());
    if (open.incrementAndGet() > MOST_AT_ONCE) {
      open.decrementAndGet();
      throw new Refusal(
          Reason.OVERLOADED, MOST_AT_ONCE + " packs are being sent already; ask again later");
    }
    var sending = new Sending(request.getFilesList(), receiver);
    receiver.setOnReadyHandler(sending::step);
    receiver.setOnCancelHandler(sending::end);
  }

  private PackedFile packed(int index, FileEntry wanted) {
    var packed = PackedFile.newBuilder().setIndex(index);
    try {
      var content = read(wanted);
      return packed.setContent(UnsafeByteOperations.unsafeWrap(content)).build();
    } catch (NoSuchFileException e) {
      return packed
          .setReason(Reason.FILE_NOT_FOUND.name())
          .setDetail(wanted.getPath() + " is not here; ask another node")
          .build();
    } catch (IOException e) {
      return packed
          .setReason(Reason.STORAGE_FAILED.name())
          .setDetail(wanted.getPath() + " cannot be read: " + e)
          .build();
    } catch (Refusal refusal) {
      return packed.setReason(refusal.reason().name()).setDetail(refusal.text()).build();
    }
  }

  private ByteBuffer read(FileEntry wanted) throws IOException {
    try (var channel =
        FileChannel.open(
            paths.resolve(wanted.getPath()), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      if (channel.size() > MOST_BYTES) {
        throw Refusal.invalid(
            "files.path", wanted.getPath(), "a file of at most " + MOST_BYTES + " bytes");
      }
      var content = ByteBuffer.allocate((int) channel.size());
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // Goes on where it is.
      }
      content.flip();
      if (!FileDigest.of(content.duplicate()).equals(wanted.getSha256())) {
        throw new Refusal(
            Reason.DIGEST_MISMATCH, wanted.getPath() + " has another hash here; plan again");
      }
      return content;
    }
  }

  /// The files of one call on their way out. gRPC calls back serially.
  private final class Sending {
    private final List<FileEntry> files;
    private final ServerCallStreamObserver<ReadFilesResponse> receiver;
    private int next;
    private boolean ended;

    Sending(List<FileEntry> files, ServerCallStreamObserver<ReadFilesResponse> receiver) {
      this.files = files;
      this.receiver = receiver;
    }

    void step() {
      while (!ended && receiver.isReady()) {
        if (next == files.size()) {
          end();
          receiver.onCompleted();
        } else {
          receiver.onNext(pack());
        }
      }
    }

    private ReadFilesResponse pack() {
      var response = ReadFilesResponse.newBuilder();
      for (int bytes = 0; next < files.size() && bytes < MOST_BYTES; next++) {
        var file = packed(next, files.get(next));
        bytes += file.getContent().size();
        response.addFiles(file);
      }
      return response.build();
    }

    void end() {
      if (!ended) {
        ended = true;
        open.decrementAndGet();
      }
    }
  }
}
