package io.ringrift.kernel.membership.swim;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One TCP and, without TLS, one UDP port of the same number, on the address asked for and no
/// other. One event loop thread for both and for all connections. Sending never blocks and may
/// lose; safe for any thread.
final class SwimSockets implements AutoCloseable {
  static final int LENGTH_BYTES = 4;

  /// A table of a thousand members is about half as long.
  static final int MAX_FRAME = 256 << 10;

  /// What passes every network in one piece.
  static final int MAX_DATAGRAM = 1200;

  /// For what comes while the event loop is at work; the system may grant less.
  private static final int DATAGRAM_ROOM = 1 << 20;

  private static final int BACKLOG = 256;
  private static final int IDLE_SECONDS = 5;

  /// Long before the system gives up by itself, which looks like a refusal.
  private static final int REFUSED_WITHIN_MILLIS = 2000;

  /// Where what comes in goes, on the event loop; must not block.
  @FunctionalInterface
  interface Inbox {
    /// @return false when the bytes are no message
    boolean take(byte[] bytes, boolean datagram);
  }

  private final EventLoopGroup loop;
  private final AddressCache addresses;
  private final SwimMetrics metrics;
  private final Guests guests;
  private final Links links;
  private final List<Channel> bound = new ArrayList<>();
  private final @Nullable Channel datagrams;

  /// @throws Refusal INVALID_ARGUMENT when the port cannot be opened
  SwimSockets(SwimConfig config, Ticker ticker, Inbox inbox, SwimMetrics metrics) {
    this.loop =
        new MultiThreadIoEventLoopGroup(
            1,
            Thread.ofPlatform().daemon().name("swim-io-" + config.self()).factory(),
            NioIoHandler.newFactory());
    this.addresses = new AddressCache(ticker);
    this.metrics = metrics;
    var handshakes = new Handshakes(ticker);
    this.guests = new Guests(inbox, metrics, handshakes);
    try {
      var client = config.tls().map(SwimTls::client);
      var server = config.tls().map(SwimTls::server);
      Duration connectTimeout = config.swim().metadataTimeout();
      this.links = new Links(loop, addresses, connectTimeout, client, metrics, handshakes);
      bound.add(opened(config, "TCP", streams(server), config.bind()));
      this.datagrams =
          config.tls().isPresent() ? null : opened(config, "UDP", datagrams(inbox), config.bind());
    } catch (Refusal e) {
      close();
      throw e;
    }
    if (datagrams != null) {
      bound.add(datagrams);
    }
  }

  boolean hasDatagrams() {
    return datagrams != null;
  }

  /// By connection.
  void stream(String address, byte[] frame) {
    loop.execute(() -> links.send(address, frame));
  }

  /// At most `MAX_DATAGRAM` bytes.
  void datagram(String address, byte[] bytes) {
    addresses.resolve(
        address,
        at -> {
          if (datagrams != null) {
            metrics.sent(true, bytes.length);
            var _ = datagrams.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(bytes), at));
          }
        });
  }

  /// Runs the task when that machine says that nothing listens there; not for silence.
  void ifRefused(String address, Runnable then) {
    addresses.resolve(
        address,
        at ->
            new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, REFUSED_WITHIN_MILLIS)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(at)
                .addListener(
                    (ChannelFuture done) -> {
                      if (done.isSuccess()) {
                        var _ = done.channel().close();
                      } else if (done.cause() instanceof ConnectException refused
                          && !(refused instanceof ConnectTimeoutException)) {
                        then.run();
                      }
                    }));
  }

  /// The next message opens a new connection.
  void drop(String address) {
    loop.execute(() -> links.drop(address));
  }

  /// Connections from others at this moment; for tests.
  int guests() {
    return guests.count();
  }

  @Override
  public void close() {
    bound.forEach(channel -> channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS));
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private ServerBootstrap streams(Optional<SslContext> tls) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                tls.ifPresent(t -> channel.pipeline().addLast(t.newHandler(channel.alloc())));
                channel
                    .pipeline()
                    .addLast(new IdleStateHandler(IDLE_SECONDS, 0, 0))
                    .addLast(
                        new LengthFieldBasedFrameDecoder(
                            MAX_FRAME, 0, LENGTH_BYTES, 0, LENGTH_BYTES))
                    .addLast(guests.handler());
              }
            });
  }

  private Bootstrap datagrams(Inbox inbox) {
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .option(ChannelOption.SO_RCVBUF, DATAGRAM_ROOM)
        .handler(
            new SimpleChannelInboundHandler<DatagramPacket>() {
              @Override
              protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
                if (!inbox.take(ByteBufUtil.getBytes(packet.content()), true)) {
                  metrics.refused("datagram");
                }
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                // an unreachable port of another node comes back as an error of this socket
                metrics.refused("datagram");
              }
            });
  }

  private static Channel opened(
      SwimConfig config,
      String protocol,
      io.netty.bootstrap.AbstractBootstrap<?, ?> bootstrap,
      InetSocketAddress at) {
    if (at.isUnresolved()) {
      throw Refusal.invalid("swim bind host", config.bindHost(), "an address of this machine");
    }
    ChannelFuture done = bootstrap.bind(at).awaitUninterruptibly();
    if (!done.isSuccess()) {
      throw Refusal.invalid(
          "swim_bind_port",
          Integer.toString(config.bindPort()),
          "free for "
              + protocol
              + " at "
              + config.bindHost()
              + " ("
              + done.cause().getMessage()
              + "); stop what uses it or set another port");
    }
    return done.channel();
  }
}
