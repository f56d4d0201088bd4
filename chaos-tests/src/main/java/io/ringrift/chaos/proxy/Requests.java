package io.ringrift.chaos.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads whole gRPC requests off the frames of one connection: calls whose client sent one message
/// and no more. Streams of messages have no end that comes soon and are left alone. One thread.
final class Requests {
  private static final Logger LOG = LoggerFactory.getLogger(Requests.class);
  private static final int MOST_OPEN = 64;
  private static final int MOST_BYTES = 256 << 10;
  private static final long MOST_HEADERS = 64 << 10;

  /// Of a gRPC message: whether it is compressed, and its length.
  private static final int PREFIX = 5;

  private static final String GRPC = "application/grpc";

  /// @param body as it has come so far
  private record Open(Http2Headers headers, ByteArrayOutputStream body) {}

  private final Http2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, MOST_HEADERS);
  private final Map<Integer, Open> open = new HashMap<>();
  private boolean lost;

  /// Takes every frame in the order in which the client sent it: headers refer to former ones.
  ///
  /// @param wanted whether a call that begins here is looked at
  /// @return the request that this frame ends
  Optional<Request> read(Frame frame, boolean wanted) {
    if (lost) {
      return Optional.empty();
    }
    if (frame.isHeaders()) {
      begin(frame, wanted);
      return Optional.empty();
    }
    Open call = open.get(frame.stream());
    if (call == null) {
      return Optional.empty();
    }
    if (frame.type() == Frame.RESET) {
      open.remove(frame.stream());
    } else if (frame.isData()) {
      call.body().writeBytes(frame.content());
      if (frame.ends() || call.body().size() > MOST_BYTES) {
        open.remove(frame.stream());
        return frame.ends() ? request(call) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private void begin(Frame frame, boolean wanted) {
    try {
      byte[] block = block(frame);
      Http2Headers headers = decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(block));
      boolean first = open.remove(frame.stream()) == null;
      if (first && wanted && !frame.ends() && open.size() < MOST_OPEN) {
        open.put(frame.stream(), new Open(headers, new ByteArrayOutputStream()));
      }
    } catch (Http2Exception unreadable) {
      // What follows refers to what was not read.
      lost = true;
      LOG.warn("the calls of a connection are not copied any more: {}", unreadable.toString());
    }
  }

  /// The headers with what their continuations add.
  private static byte[] block(Frame frame) {
    var block = new ByteArrayOutputStream();
    block.writeBytes(frame.content());
    byte[] all = frame.bytes();
    int at = Frame.HEAD + Frame.length(all, 0);
    while (at < all.length) {
      int length = Frame.length(all, at);
      block.write(all, at + Frame.HEAD, length);
      at += Frame.HEAD + length;
    }
    return block.toByteArray();
  }

  private static Optional<Request> request(Open call) {
    byte[] body = call.body().toByteArray();
    CharSequence path = call.headers().path();
    CharSequence type = call.headers().get("content-type");
    if (path == null
        || type == null
        || !type.toString().startsWith(GRPC)
        || body.length < PREFIX
        || body[0] != 0
        || length(body) != body.length - PREFIX) {
      return Optional.empty();
    }
    var metadata = new LinkedHashMap<String, String>();
    call.headers()
        .forEach(header -> metadata.put(header.getKey().toString(), header.getValue().toString()));
    metadata.keySet().removeIf(Requests::isOfTheCarrier);
    return Optional.of(
        new Request(
            path.toString().substring(1), metadata, Arrays.copyOfRange(body, PREFIX, body.length)));
  }

  private static int length(byte[] body) {
    return ByteBuffer.wrap(body).getInt(1);
  }

  /// What whoever sends it again says by itself.
  private static boolean isOfTheCarrier(String name) {
    return name.startsWith(":")
        || name.startsWith("grpc-")
        || name.equals("content-type")
        || name.equals("te")
        || name.equals("user-agent")
        || name.equals("accept-encoding");
  }
}
