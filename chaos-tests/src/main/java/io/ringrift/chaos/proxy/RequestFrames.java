package io.ringrift.chaos.proxy;

import io.ringrift.kernel.Pure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts what a client sends on one connection into frames of HTTP/2. A connection that does not
/// begin as one of HTTP/2 passes as it comes. One thread.
@Pure
final class RequestFrames {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int END_HEADERS = 4;

  /// Far above what peers grant each other; beyond it nothing is held to be a frame any more.
  private static final int MOST_BYTES = 1 << 20;

  private byte[] rest = new byte[0];
  private boolean begun;
  private boolean foreign;

  /// What is whole by now, in the order in which it came.
  List<Frame> add(byte[] bytes) {
    if (foreign) {
      return List.of(Frame.none(bytes));
    }
    byte[] all = joined(rest, bytes);
    rest = new byte[0];
    int at = begun ? 0 : begin(all);
    var frames = new ArrayList<Frame>();
    if (at > 0) {
      frames.add(Frame.none(Arrays.copyOf(all, at)));
    }
    int end = end(all, at);
    while (end > at) {
      frames.add(frame(all, at, end));
      at = end;
      end = end(all, at);
    }
    if (at < all.length) {
      rest = Arrays.copyOfRange(all, at, all.length);
    }
    if (rest.length > MOST_BYTES) {
      foreign = true;
      frames.add(Frame.none(unfinished()));
    }
    return frames;
  }

  /// What came of a frame that is not whole; forgotten here.
  byte[] unfinished() {
    byte[] part = rest;
    rest = new byte[0];
    return part;
  }

  /// @return how many bytes come before the first frame
  private int begin(byte[] all) {
    int common = Math.min(all.length, PREFACE.length);
    if (!Arrays.equals(all, 0, common, PREFACE, 0, common)) {
      foreign = true;
      return all.length;
    }
    begun = common == PREFACE.length;
    return begun ? common : 0;
  }

  private static byte[] joined(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }

  /// Where what begins there ends, headers with all of their continuations; the beginning itself
  /// when that is not whole.
  private int end(byte[] all, int begin) {
    if (!begun) {
      return begin;
    }
    int at = begin;
    while (all.length - at >= Frame.HEAD) {
      int type = all[at + 3];
      int flags = all[at + 4];
      int end = at + Frame.HEAD + Frame.length(all, at);
      if (end > all.length) {
        return begin;
      }
      boolean headers = type == Frame.HEADERS || type == Frame.CONTINUATION;
      if (!headers || (flags & END_HEADERS) != 0) {
        return end;
      }
      at = end;
    }
    return begin;
  }

  private static Frame frame(byte[] all, int at, int end) {
    int stream = ByteBuffer.wrap(all).getInt(at + 5) & Integer.MAX_VALUE;
    return new Frame(Arrays.copyOfRange(all, at, end), all[at + 3], all[at + 4], stream);
  }
}
