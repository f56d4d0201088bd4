package io.ringrift.node.rpc;

import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.wire.PeerChannels;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// Channels to other nodes over HTTP/2. One shared event loop thread, callbacks on virtual threads.
/// At most `MOST_CHANNELS` are kept; the one unused for longest is closed behind its last call. A
/// channel whose peer is gone tries again at least once per `reconnect`, because a leader that
/// comes back should not wait for gRPC's growing pauses.
public final class Channels implements PeerChannels, AutoCloseable {
  private static final int MOST_CHANNELS = 256;
  private static final int LARGEST_MESSAGE = 16 << 20;
  private static final int CONNECT_TIMEOUT_MILLIS = 3000;

  private final Duration reconnect;
  private final List<ClientInterceptor> interceptors;
  private final UnaryOperator<NettyChannelBuilder> transport;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("rpc-client", true), NioIoHandler.newFactory());
  private final ExecutorService callbacks =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-callback").factory());
  // guarded by this; least recently used first
  private final Map<Endpoint, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  private record Kept(ManagedChannel transport, Channel channel) {}

  /// @param reconnect longest pause between attempts to connect
  /// @param token cluster token, shown on every call
  /// @param transport sets plaintext, or TLS once there is one
  public Channels(
      Duration reconnect, Optional<String> token, UnaryOperator<NettyChannelBuilder> transport) {
    this.reconnect = reconnect;
    this.interceptors = token.<ClientInterceptor>map(BearerToken::new).stream().toList();
    this.transport = transport;
  }

  /// Channels without encryption.
  public static Channels plaintext(Duration reconnect, Optional<String> token) {
    return new Channels(reconnect, token, NettyChannelBuilder::usePlaintext);
  }

  @Override
  public synchronized Channel to(Endpoint endpoint) {
    if (closed) {
      return NoWay.fromHere();
    }
    var known = kept.get(endpoint);
    if (known == null) {
      known = open(endpoint);
      kept.put(endpoint, known);
      dropEldest();
    }
    return known.channel();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      kept.values().forEach(k -> k.transport().shutdownNow());
      kept.clear();
    }
    var _ = eventLoop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS);
    callbacks.shutdown();
  }

  private Kept open(Endpoint endpoint) {
    var channel =
        transport
            .apply(NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port()))
            .eventLoopGroup(eventLoop)
            .channelType(NioSocketChannel.class)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .withOption(ChannelOption.TCP_NODELAY, true)
            .executor(callbacks)
            .offloadExecutor(callbacks)
            .keepAliveTime(5, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS)
            .idleTimeout(10, TimeUnit.MINUTES)
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .maxInboundMetadataSize(16 << 10)
            .build();
    watch(channel, channel.getState(false));
    return new Kept(channel, ClientInterceptors.intercept(channel, interceptors));
  }

  private void watch(ManagedChannel channel, ConnectivityState from) {
    channel.notifyWhenStateChanged(
        from,
        () -> {
          ConnectivityState now = channel.getState(false);
          if (now == ConnectivityState.TRANSIENT_FAILURE) {
            retry(channel);
          }
          if (now != ConnectivityState.SHUTDOWN) {
            watch(channel, now);
          }
        });
  }

  /// A channel stays in TRANSIENT_FAILURE through all its attempts until one succeeds, so no change
  /// of state tells of the next pause.
  private void retry(ManagedChannel channel) {
    if (eventLoop.isShuttingDown()) {
      return;
    }
    var _ =
        eventLoop.schedule(
            () -> {
              if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
                channel.resetConnectBackoff();
                retry(channel);
              }
            },
            reconnect.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void dropEldest() {
    if (kept.size() > MOST_CHANNELS) {
      var eldest = kept.entrySet().iterator();
      eldest.next().getValue().transport().shutdown();
      eldest.remove();
    }
  }
}
