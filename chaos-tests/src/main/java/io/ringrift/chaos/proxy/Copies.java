package io.ringrift.chaos.proxy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.chaos.link.Link;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends requests to one port once more, on a connection of its own, as a network does whose client
/// repeats what was not lost; nobody reads the answers. Any thread.
final class Copies implements AutoCloseable {
  /// In which a copy is answered, or given up.
  static final Duration LIMIT = Duration.ofSeconds(5);

  static final int MOST_UNDER_WAY = 256;

  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

  /// What a call ends with when nobody was there, as when the node is down or paused.
  private static final Set<Status.Code> WITHOUT_ANSWER =
      EnumSet.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED);

  private static final String BINARY = Metadata.BINARY_HEADER_SUFFIX;

  private final int target;
  private final Rules rules;
  private final Duration limit;
  private final Semaphore room = new Semaphore(MOST_UNDER_WAY);

  /// Made with the first copy. Guarded by this.
  private @Nullable ManagedChannel channel;

  /// Guarded by this.
  private boolean closed;

  Copies(int target, Rules rules, Duration limit) {
    this.target = target;
    this.rules = rules;
    this.limit = limit;
  }

  /// Does nothing when too many are under way. Never throws: what the client sent has passed by
  /// now, and its connection goes on.
  ///
  /// @param link that it came by
  /// @param asOf version of the rules that want it
  void send(Request request, Link link, long asOf) {
    try {
      // Before there is room taken, which only a call that has begun gives back.
      Metadata headers = metadata(request);
      ManagedChannel to = channel();
      if (to != null && room.tryAcquire()) {
        ClientCall<byte[], byte[]> call = begin(to, request.method(), headers, link, asOf);
        call.request(Integer.MAX_VALUE);
        call.sendMessage(request.message());
        call.halfClose();
      }
    } catch (RuntimeException unfit) {
      LOG.warn("a request of {} by {} is not sent twice", request.method(), link, unfit);
    }
  }

  private ClientCall<byte[], byte[]> begin(
      ManagedChannel to, String method, Metadata headers, Link link, long asOf) {
    boolean begun = false;
    try {
      ClientCall<byte[], byte[]> call =
          to.newCall(
              PlainBytes.method(method),
              CallOptions.DEFAULT.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS));
      call.start(new Answer(link, asOf), headers);
      begun = true;
      return call;
    } finally {
      if (!begun) {
        room.release();
      }
    }
  }

  /// Shows that the node has heard the request twice: at once, since a long call ends late.
  private final class Answer extends ClientCall.Listener<byte[]> {
    private final Link link;
    private final long asOf;
    private boolean counted;

    Answer(Link link, long asOf) {
      this.link = link;
      this.asOf = asOf;
    }

    @Override
    public void onHeaders(Metadata headers) {
      count();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!WITHOUT_ANSWER.contains(status.getCode())) {
        count();
      }
      room.release();
    }

    private void count() {
      if (!counted) {
        counted = true;
        rules.strike(link, asOf);
      }
    }
  }

  /// Copies whose answers are awaited.
  int underWay() {
    return MOST_UNDER_WAY - room.availablePermits();
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
