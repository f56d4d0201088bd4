package io.ringrift.node.web;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Closes a connection on which a request header does not become complete in time: a client that
/// sends a byte now and then is never idle, and the request's own timeout begins only behind its
/// header. The time runs from the connect and from the first byte behind the last request. HTTP/2
/// connections are left to their pings. One per connection, on its event loop.
final class HeaderDeadline extends ChannelDuplexHandler {
  private static final AttributeKey<HeaderDeadline> KEY =
      AttributeKey.valueOf(HeaderDeadline.class, "OF_CONNECTION");

  private final Duration patience;
  private final AtomicInteger requests = new AtomicInteger();
  // owned by the event loop
  private @Nullable ScheduledFuture<?> running;

  HeaderDeadline(Duration patience) {
    this.patience = patience;
  }

  /// Tells the connection of each request that it begins and ends.
  static HttpResponse counted(HttpService next, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    var channel = ctx.log().partial().channel();
    var deadline = channel == null ? null : channel.attr(KEY).get();
    if (channel != null && deadline != null) {
      deadline.requests.incrementAndGet();
      channel.eventLoop().execute(deadline::stop);
      var _ = ctx.log().whenComplete().thenRun(deadline.requests::decrementAndGet);
    }
    return next.serve(ctx, request);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.channel().attr(KEY).set(this);
    start(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object bytes) {
    if (running == null && requests.get() == 0) {
      start(ctx);
    }
    ctx.fireChannelRead(bytes);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stop();
    ctx.fireChannelInactive();
  }

  private void start(ChannelHandlerContext ctx) {
    running =
        ctx.executor().schedule(() -> expired(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void stop() {
    if (running != null) {
      running.cancel(false);
      running = null;
    }
  }

  private void expired(ChannelHandlerContext ctx) {
    running = null;
    if (requests.get() == 0 && ctx.pipeline().get(Http2ConnectionHandler.class) == null) {
      var _ = ctx.close();
    }
  }
}
