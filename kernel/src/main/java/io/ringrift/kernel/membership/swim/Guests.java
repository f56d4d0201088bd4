package io.ringrift.kernel.membership.swim;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.LinkedHashSet;
import java.util.Set;

/// Connections from others, bounded. One that has not sent a message yet gives way to a newer one,
/// so that a flood of empty connections shuts nobody out. All on the event loop.
final class Guests {
  static final int MAX_STRANGERS = 64;
  static final int MAX_MEMBERS = 1024;

  /// A connection that sends nothing for so many idle periods is closed.
  private static final int MAX_QUIET_PERIODS = 18;

  private final Set<Channel> strangers = new LinkedHashSet<>();
  private final Set<Channel> members = new LinkedHashSet<>();
  private final SwimSockets.Inbox inbox;
  private final SwimMetrics metrics;
  private final Handshakes handshakes;

  Guests(SwimSockets.Inbox inbox, SwimMetrics metrics, Handshakes handshakes) {
    this.inbox = inbox;
    this.metrics = metrics;
    this.handshakes = handshakes;
  }

  int count() {
    return strangers.size() + members.size();
  }

  /// The handler of one connection.
  Handler handler() {
    return new Handler();
  }

  private void arrived(Channel channel) {
    strangers.add(channel);
    if (strangers.size() > MAX_STRANGERS) {
      metrics.refused("connection");
      Channel oldest = strangers.iterator().next();
      strangers.remove(oldest);
      var _ = oldest.close();
    }
  }

  private void proven(Channel channel) {
    if (strangers.remove(channel)) {
      if (members.size() >= MAX_MEMBERS) {
        metrics.refused("connection");
        var _ = channel.close();
      } else {
        members.add(channel);
      }
    }
  }

  final class Handler extends SimpleChannelInboundHandler<ByteBuf> {
    private int quietPeriods;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      arrived(context.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      strangers.remove(context.channel());
      members.remove(context.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
      quietPeriods = 0;
      if (inbox.take(ByteBufUtil.getBytes(frame), false)) {
        proven(context.channel());
      } else {
        metrics.refused("frame");
        var _ = context.close();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent
          && (strangers.contains(context.channel()) || ++quietPeriods > MAX_QUIET_PERIODS)) {
        var _ = context.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (handshakes.from(context.channel().remoteAddress(), cause)) {
        metrics.refused("certificate");
      } else if (!(cause instanceof java.io.IOException)) {
        metrics.refused("frame");
      }
      var _ = context.close();
    }
  }
}
