package io.ringrift.chaos.proxy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.chaos.link.Link;
import java.net.InetAddress;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Sends requests to one port once more, on a connection of its own, as a network does whose client
/// repeats what was not lost; nobody reads the answers. Any thread.
final class Copies implements AutoCloseable {
  private static final int MOST_UNDER_WAY = 256;
  private static final int LIMIT_SECONDS = 5;
  private static final String BINARY = Metadata.BINARY_HEADER_SUFFIX;

  private final int target;
  private final Rules rules;
  private final Semaphore room = new Semaphore(MOST_UNDER_WAY);

  /// Made with the first copy. Guarded by this.
  private @Nullable ManagedChannel channel;

  /// Guarded by this.
  private boolean closed;

  Copies(int target, Rules rules) {
    this.target = target;
    this.rules = rules;
  }

  /// Does nothing when too many are under way.
  ///
  /// @param link that it came by
  void send(Request request, Link link) {
    ManagedChannel to = channel();
    if (to == null || !room.tryAcquire()) {
      return;
    }
    ClientCall<byte[], byte[]> call =
        to.newCall(
            PlainBytes.method(request.method()),
            CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            room.release();
            // A port that is closed has heard nothing twice.
            if (status.getCode() != Status.Code.UNAVAILABLE) {
              rules.strike(link);
            }
          }
        },
        metadata(request));
    call.request(Integer.MAX_VALUE);
    call.sendMessage(request.message());
    call.halfClose();
  }

  private static Metadata metadata(Request request) {
    var metadata = new Metadata();
    request
        .metadata()
        .forEach(
            (name, value) -> {
              if (name.endsWith(BINARY)) {
                metadata.put(
                    Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
                    Base64.getDecoder().decode(value));
              } else {
                metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
              }
            });
    return metadata;
  }

  private synchronized @Nullable ManagedChannel channel() {
    if (channel == null && !closed) {
      channel =
          NettyChannelBuilder.forAddress(InetAddress.getLoopbackAddress().getHostAddress(), target)
              .usePlaintext()
              .build();
    }
    return channel;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (channel != null) {
      channel.shutdownNow();
      channel = null;
    }
  }
}
