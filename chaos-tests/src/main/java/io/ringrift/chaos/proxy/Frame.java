package io.ringrift.chaos.proxy;

import io.ringrift.kernel.Pure;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What passes as one: a frame of HTTP/2 (RFC 9113, section 4.1), headers with their continuations,
/// or bytes that are none.
///
/// @param type as the RFC numbers it; `NONE` for bytes that are no frame
/// @param stream which call; 0 for the connection
@Pure
record Frame(byte[] bytes, int type, int flags, int stream) {
  static final int NONE = -1;
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  /// Of every frame before its content.
  static final int HEAD = 9;

  private static final int END_STREAM = 1;
  private static final int PADDED = 8;
  private static final int PRIORITY = 0x20;

  /// Of a stream in front of headers that have a priority.
  private static final int PRIORITY_BYTES = 5;

  static Frame none(byte[] bytes) {
    return new Frame(bytes, NONE, 0, 0);
  }

  boolean isData() {
    return type == DATA;
  }

  /// Has a part of a message. The end of a call may come alone, in data without content.
  boolean says() {
    if (!isData()) {
      return false;
    }
    int length = length(bytes, 0);
    boolean padded = length > 0 && (flags & PADDED) != 0;
    return length > (padded ? 1 + (bytes[HEAD] & 0xff) : 0);
  }

  boolean isHeaders() {
    return type == HEADERS;
  }

  /// Nothing follows in this call from this side.
  boolean ends() {
    return (isData() || isHeaders()) && (flags & END_STREAM) != 0;
  }

  /// The content of the first frame, without what only fills it up or tells its priority.
  byte[] content() {
    int from = HEAD;
    int to = HEAD + length(bytes, 0);
    if ((flags & PADDED) != 0 && to > from) {
      to -= bytes[from] & 0xff;
      from++;
    }
    if (isHeaders() && (flags & PRIORITY) != 0) {
      from += PRIORITY_BYTES;
    }
    return Arrays.copyOfRange(bytes, from, Math.max(from, to));
  }

  /// Of the content of the frame that begins there.
  static int length(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).getInt(at) >>> 8;
  }
}
