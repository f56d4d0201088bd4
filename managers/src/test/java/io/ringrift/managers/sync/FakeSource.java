package io.ringrift.managers.sync;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.ReadFileResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/// A node that serves one content under every path, in chunks, and can do it badly.
final class FakeSource extends SyncServiceGrpc.SyncServiceImplBase implements AutoCloseable {
  static final int CHUNK = 1000;

  private final String name;
  private final byte[] content;
  private final Server server;
  private final ManagedChannel channel;
  private final List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong sent = new AtomicLong();
  private volatile int breakAfter = Integer.MAX_VALUE;
  private volatile boolean endEarly;
  private volatile boolean knowsLengths = true;
  private volatile UnaryOperator<ReadFileResponse> fault = UnaryOperator.identity();

  FakeSource(String name, byte[] content) throws IOException {
    this.name = name;
    this.content = content.clone();
    String address = InProcessServerBuilder.generateName();
    this.server =
        InProcessServerBuilder.forName(address)
            .intercept(new ErrorMapping())
            .addService(this)
            .build()
            .start();
    this.channel = InProcessChannelBuilder.forName(address).build();
  }

  Source source() {
    return new Source(new NodeId(name), channel);
  }

  /// Breaks the connection behind so many bytes of one call.
  void breakAfter(int bytes) {
    breakAfter = bytes;
  }

  /// Ends calls well, but behind so many bytes.
  void truncateAt(int bytes) {
    breakAfter = bytes;
    endEarly = true;
  }

  /// Sends to the end of the file, as versions did that knew no lengths.
  void ignoreLengths() {
    knowsLengths = false;
  }

  /// Changes what is sent.
  void fault(UnaryOperator<ReadFileResponse> change) {
    fault = change;
  }

  /// What is changed so far.
  UnaryOperator<ReadFileResponse> fault() {
    return fault;
  }

  long sent() {
    return sent.get();
  }

  List<Long> offsets() {
    return List.copyOf(offsets);
  }

  @Override
  public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> observer) {
    offsets.add(request.getOffset());
    int from = (int) request.getOffset();
    boolean whole = request.getLength() == 0 || !knowsLengths;
    int end = whole ? content.length : (int) Math.min(content.length, from + request.getLength());
    int inCall = 0;
    while (from < end) {
      if (inCall >= breakAfter) {
        if (endEarly) {
          observer.onCompleted();
        } else {
          observer.onError(Status.UNAVAILABLE.withDescription("cable cut").asException());
        }
        return;
      }
      byte[] bytes = Arrays.copyOfRange(content, from, Math.min(end, from + CHUNK));
      observer.onNext(fault.apply(chunk(request.getPath(), from, bytes)));
      from += bytes.length;
      inCall += bytes.length;
      sent.addAndGet(bytes.length);
    }
    observer.onCompleted();
  }

  private ReadFileResponse chunk(String path, int offset, byte[] bytes) {
    var sum = new CRC32C();
    sum.update(bytes);
    return ReadFileResponse.newBuilder()
        .setEntry(
            FileEntry.newBuilder()
                .setPath(path)
                .setSizeBytes(content.length)
                .setSha256(sha256(content)))
        .setOffset(offset)
        .setChunk(ByteString.copyFrom(bytes))
        .setCrc32C((int) sum.getValue())
        .build();
  }

  static String sha256(byte[] content) {
    var digest = FileDigest.sha256();
    digest.update(content);
    return FileDigest.hex(digest);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
