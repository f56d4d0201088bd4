package io.ringrift.kernel.membership.swim;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Connections to other members, one each, for sending alone. All on the event loop.
final class Links {
  private static final int MAX_LINKS = 2048;
  private static final int MAX_WAITING = 64;
  private static final int IDLE_SECONDS = 60;

  /// Gossip comes in bursts: one call to the system for all that one turn of the loop wrote.
  private static final int FLUSH_AFTER = 256;

  private static final int STUCK_SECONDS = 5;
  private static final WriteBufferWaterMark ROOM = new WriteBufferWaterMark(256 << 10, 1 << 20);

  /// A connection, or the way to it with what waits for it.
  private static final class Link {
    final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    @Nullable Channel channel;
  }

  private final Map<String, Link> links = new HashMap<>();
  private final EventLoopGroup loop;
  private final AddressCache addresses;
  private final Duration connectTimeout;
  private final Optional<SslContext> tls;
  private final SwimMetrics metrics;
  private final Handshakes handshakes;

  Links(
      EventLoopGroup loop,
      AddressCache addresses,
      Duration connectTimeout,
      Optional<SslContext> tls,
      SwimMetrics metrics,
      Handshakes handshakes) {
    this.loop = loop;
    this.addresses = addresses;
    this.connectTimeout = connectTimeout;
    this.tls = tls;
    this.metrics = metrics;
    this.handshakes = handshakes;
  }

  void send(String address, byte[] frame) {
    Link link = links.get(address);
    if (link == null) {
      if (links.size() >= MAX_LINKS) {
        metrics.lost();
        return;
      }
      link = new Link();
      links.put(address, link);
      open(address, link);
    }
    if (link.channel != null) {
      write(link.channel, frame);
    } else if (link.waiting.size() < MAX_WAITING) {
      link.waiting.add(frame);
    } else {
      metrics.lost();
    }
  }

  /// A connection that hangs is better opened anew: its retransmissions would come for long after
  /// the network is back (RELIABILITY A.1).
  void drop(String address) {
    Link link = links.remove(address);
    if (link != null && link.channel != null) {
      var _ = link.channel.close();
    }
  }

  private void open(String address, Link link) {
    addresses.resolve(
        address,
        at ->
            loop.execute(
                () ->
                    connect(address, at)
                        .addListener((ChannelFuture done) -> connected(address, link, done))));
    // a name that nobody knows gives no answer
    var _ =
        loop.schedule(
            () -> {
              if (link.channel == null) {
                links.remove(address, link);
              }
            },
            2 * connectTimeout.toMillis(),
            java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  private ChannelFuture connect(String address, InetSocketAddress at) {
    return new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, ROOM)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                tls.ifPresent(t -> channel.pipeline().addLast(t.newHandler(channel.alloc())));
                channel
                    .pipeline()
                    .addLast(new FlushConsolidationHandler(FLUSH_AFTER, true))
                    .addLast(new WriteTimeoutHandler(STUCK_SECONDS))
                    .addLast(new IdleStateHandler(0, IDLE_SECONDS, 0))
                    .addLast(new LengthFieldPrepender(SwimSockets.LENGTH_BYTES))
                    .addLast(new SendOnly(address));
              }
            })
        .connect(at);
  }

  private void connected(String address, Link link, ChannelFuture done) {
    if (!done.isSuccess()) {
      links.remove(address, link);
      return;
    }
    if (links.get(address) != link) {
      var _ = done.channel().close();
      return;
    }
    link.channel = done.channel();
    link.waiting.forEach(frame -> write(done.channel(), frame));
    link.waiting.clear();
  }

  private void write(Channel channel, byte[] frame) {
    if (!channel.isWritable()) {
      metrics.lost();
      return;
    }
    metrics.sent(false, frame.length);
    var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(frame));
  }

  /// Nothing comes back on these connections; who sends something here is no member.
  private final class SendOnly extends ChannelInboundHandlerAdapter {
    private final String address;

    SendOnly(String address) {
      this.address = address;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      Link link = links.get(address);
      if (link != null && context.channel().equals(link.channel)) {
        links.remove(address);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent) {
        var _ = context.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      handshakes.to(address, cause);
      var _ = context.close();
    }
  }
}
