package io.ringrift.chaos.proxy;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Holds back what one call of a connection says until another call has said something, so that
/// requests overtake each other. Headers keep their order, which their compression needs (RFC 7541,
/// section 2.2), and so does what one call says, which HTTP/2 promises. One thread.
@Pure
final class Overtaking {
  /// Beyond it nothing is held.
  private static final int MOST_BYTES = 256 << 10;

  private final List<byte[]> held = new ArrayList<>();
  private int bytes;
  private int call;
  private Moment until = Moment.MAX;

  /// @param bytes to be written now, in this order
  /// @param overtaken the last of them were held, and others went first
  record Passed(List<byte[]> bytes, boolean overtaken) {}

  /// @param hold whether data of a call is held, if none is
  /// @param end when it is let go though nothing overtook it
  Passed pass(Frame frame, boolean hold, Moment end) {
    boolean own = call != 0 && frame.stream() == call;
    if (own && frame.isData()) {
      hold(frame);
      return new Passed(bytes > MOST_BYTES ? release() : List.of(), false);
    }
    if (own && frame.type() != Frame.WINDOW_UPDATE) {
      var out = new ArrayList<>(release());
      out.add(frame.bytes());
      return new Passed(out, false);
    }
    if (call != 0 && frame.isData()) {
      var out = new ArrayList<>(List.of(frame.bytes()));
      out.addAll(release());
      return new Passed(out, true);
    }
    if (call == 0 && hold && frame.isData()) {
      call = frame.stream();
      until = end;
      hold(frame);
      return new Passed(List.of(), false);
    }
    return new Passed(List.of(frame.bytes()), false);
  }

  private void hold(Frame frame) {
    held.add(frame.bytes());
    bytes += frame.bytes().length;
  }

  /// What has been held for long enough.
  List<byte[]> due(Moment now) {
    return until.isAfter(now) ? List.of() : release();
  }

  /// When something is due; none while nothing is held.
  Optional<Moment> next() {
    return call == 0 ? Optional.empty() : Optional.of(until);
  }

  /// Everything that is held; forgotten here.
  List<byte[]> release() {
    List<byte[]> all = List.copyOf(held);
    held.clear();
    bytes = 0;
    call = 0;
    until = Moment.MAX;
    return all;
  }
}
