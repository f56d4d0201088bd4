package io.ringrift.chaos.proxy;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// Holds back what one call of a connection says until another call has said something, so that
/// requests overtake each other. Headers keep their order, which their compression needs (RFC 7541,
/// section 2.2), and so does what one call says, which HTTP/2 promises.
///
/// Whether the end of a call comes with what it says or alone is for chance. It is held behind that
/// only, as nothing may be left to say that could overtake it; and what a call says first has
/// overtaken when its end has too, since a node may begin with a request when it is whole. A call
/// that has said something before is a long one and has no end to wait for. One thread.
@Pure
final class Overtaking {
  /// Beyond it nothing is held.
  private static final int MOST_BYTES = 256 << 10;

  /// Far above what nodes have open on one connection; the oldest are forgotten.
  private static final int MOST_CALLS = 1024;

  private final List<byte[]> held = new ArrayList<>();

  /// Calls that said something and have not ended.
  private final SequencedSet<Integer> open = new LinkedHashSet<>();

  private int bytes;
  private int call;

  /// The call that said something first while `call` was held, and has not ended; 0 if none.
  private int overtaker;

  private Moment until = Moment.MAX;

  /// @param bytes to be written now, in this order
  /// @param overtaken the last of them were held, and others went first
  record Passed(List<byte[]> bytes, boolean overtaken) {}

  /// @param hold whether data of a call is held, if none is
  /// @param end when it is let go though nothing overtook it
  Passed pass(Frame frame, boolean hold, Moment end) {
    boolean first = first(frame);
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
    if (call != 0 && frame.says() && first && !frame.ends()) {
      overtaker = frame.stream();
    } else if (call != 0 && (frame.says() || (frame.ends() && frame.stream() == overtaker))) {
      var out = new ArrayList<>(List.of(frame.bytes()));
      out.addAll(release());
      return new Passed(out, true);
    } else if (call == 0 && hold && frame.says()) {
      call = frame.stream();
      until = end;
      hold(frame);
      return new Passed(List.of(), false);
    }
    return new Passed(List.of(frame.bytes()), false);
  }

  /// Notes what is open.
  ///
  /// @return whether its call has not said anything before
  private boolean first(Frame frame) {
    if (frame.ends() || frame.type() == Frame.RESET) {
      return !open.remove(frame.stream());
    }
    boolean first = frame.says() && open.add(frame.stream());
    if (open.size() > MOST_CALLS) {
      open.removeFirst();
    }
    return first;
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
    overtaker = 0;
    until = Moment.MAX;
    return all;
  }
}
