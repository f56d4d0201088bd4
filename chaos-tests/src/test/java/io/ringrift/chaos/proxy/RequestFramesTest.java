package io.ringrift.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestFramesTest {
  private static final int END_HEADERS = 4;
  private static final Moment LATER = new Moment(1000);

  private static byte[] bytes(int type, int flags, int stream, int... content) {
    var frame = ByteBuffer.allocate(Frame.HEAD + content.length);
    frame.put(new byte[] {0, 0, (byte) content.length, (byte) type, (byte) flags}).putInt(stream);
    for (int each : content) {
      frame.put((byte) each);
    }
    return frame.array();
  }

  private static Frame frame(int type, int stream, int... content) {
    return new Frame(bytes(type, 0, stream, content), type, 0, stream);
  }

  /// Data of a call that ends with it.
  private static Frame last(int stream, int... content) {
    return new Frame(bytes(Frame.DATA, 1, stream, content), Frame.DATA, 1, stream);
  }

  @Test
  void framesAreWholeHoweverTheyComeAndContinuationsStayWithTheirHeaders() {
    var all = new ByteArrayOutputStream();
    all.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(bytes(4, 0, 0));
    all.writeBytes(bytes(Frame.HEADERS, 0, 7, 1, 2));
    all.writeBytes(bytes(Frame.CONTINUATION, END_HEADERS, 7, 3));
    all.writeBytes(bytes(Frame.DATA, 1, 7, 9));
    for (int step : List.of(1, 7, 1000)) {
      var frames = new RequestFrames();
      var found = new ArrayList<Frame>();
      byte[] sent = all.toByteArray();
      for (int at = 0; at < sent.length; at += step) {
        found.addAll(
            frames.add(java.util.Arrays.copyOfRange(sent, at, Math.min(sent.length, at + step))));
      }
      assertThat(found)
          .extracting(Frame::type)
          .containsExactly(Frame.NONE, 4, Frame.HEADERS, Frame.DATA);
      assertThat(found.get(2).bytes()).hasSize(2 * Frame.HEAD + 3);
      assertThat(found.get(3).stream()).isEqualTo(7);
      assertThat(found.get(3).ends()).isTrue();
      assertThat(found.get(3).content()).containsExactly(9);
      var again = new ByteArrayOutputStream();
      found.forEach(each -> again.writeBytes(each.bytes()));
      assertThat(again.toByteArray()).isEqualTo(sent);
    }
  }

  @Test
  void contentIsWithoutWhatFillsItUpAndWithoutPriority() {
    int padded = 8;
    int priority = 0x20;
    byte[] bytes = bytes(Frame.HEADERS, padded | priority, 1, 2, 0, 0, 0, 0, 16, 42, 0, 0);
    assertThat(new Frame(bytes, Frame.HEADERS, padded | priority, 1).content()).containsExactly(42);
  }

  @Test
  void connectionOfAnotherProtocolPassesAsItComes() {
    var frames = new RequestFrames();
    assertThat(frames.add(new byte[] {'P'})).isEmpty();
    assertThat(frames.add("OST / HTTP/1.1".getBytes(StandardCharsets.US_ASCII)))
        .singleElement()
        .satisfies(all -> assertThat(all.bytes()).hasSize("POST / HTTP/1.1".length()));
    assertThat(frames.add(new byte[] {1})).hasSize(1);
    var cut = new RequestFrames();
    assertThat(cut.add(new byte[] {'P', 'R'})).isEmpty();
    assertThat(cut.unfinished()).hasSize(2);
  }

  @Test
  void dataOfACallIsHeldUntilAnotherCallHasSaidSomethingAndHeadersNeverAre() {
    var overtaking = new Overtaking();
    Frame held = frame(Frame.DATA, 1, 11);
    Frame more = frame(Frame.DATA, 1, 12);
    Frame other = last(3, 31);
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    assertThat(overtaking.next()).contains(LATER);
    assertThat(overtaking.pass(more, true, Moment.MAX).bytes()).isEmpty();
    Frame headers = frame(Frame.HEADERS, 3, 30);
    assertThat(overtaking.pass(headers, true, LATER).bytes()).containsExactly(headers.bytes());
    var passed = overtaking.pass(other, true, LATER);
    assertThat(passed.bytes()).containsExactly(other.bytes(), held.bytes(), more.bytes());
    assertThat(passed.overtaken()).isTrue();
    assertThat(overtaking.next()).isEmpty();
  }

  @Test
  void whatIsHeldGoesOnInTimeAndBeforeTheEndOfItsOwnCall() {
    var overtaking = new Overtaking();
    Frame held = frame(Frame.DATA, 1, 11);
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    assertThat(overtaking.due(new Moment(999))).isEmpty();
    assertThat(overtaking.due(LATER)).containsExactly(held.bytes());
    assertThat(overtaking.due(LATER)).isEmpty();
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    Frame reset = frame(Frame.RESET, 1, 0);
    var passed = overtaking.pass(reset, false, LATER);
    assertThat(passed.bytes()).containsExactly(held.bytes(), reset.bytes());
    assertThat(passed.overtaken()).isFalse();
    assertThat(overtaking.pass(held, false, LATER).bytes()).containsExactly(held.bytes());
  }

  @Test
  void endThatComesAloneIsNeitherHeldNorOvertakesButStaysBehindWhatItsCallSaid() {
    var overtaking = new Overtaking();
    Frame end = last(3);
    assertThat(overtaking.pass(end, true, LATER).bytes()).containsExactly(end.bytes());
    assertThat(overtaking.next()).isEmpty();
    Frame held = frame(Frame.DATA, 1, 11);
    Frame own = last(1);
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    assertThat(overtaking.pass(own, true, LATER).bytes()).isEmpty();
    assertThat(overtaking.pass(end, true, LATER).bytes()).containsExactly(end.bytes());
    assertThat(overtaking.due(LATER)).containsExactly(held.bytes(), own.bytes());
    Frame filled = new Frame(bytes(Frame.DATA, 8, 5, 2, 0, 0), Frame.DATA, 8, 5);
    assertThat(overtaking.pass(filled, true, LATER).bytes()).containsExactly(filled.bytes());
  }

  @Test
  void requestWhoseEndComesAloneHasOvertakenWithItsEnd() {
    var overtaking = new Overtaking();
    Frame held = last(1, 11);
    Frame other = frame(Frame.DATA, 3, 31);
    Frame end = last(3);
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    var said = overtaking.pass(other, true, LATER);
    assertThat(said.bytes()).containsExactly(other.bytes());
    assertThat(said.overtaken()).isFalse();
    var ended = overtaking.pass(end, true, LATER);
    assertThat(ended.bytes()).containsExactly(end.bytes(), held.bytes());
    assertThat(ended.overtaken()).isTrue();
  }

  @Test
  void longCallOvertakesWithWhatItSaysNext() {
    var overtaking = new Overtaking();
    Frame said = frame(Frame.DATA, 3, 31);
    Frame held = last(1, 11);
    assertThat(overtaking.pass(said, false, LATER).bytes()).containsExactly(said.bytes());
    assertThat(overtaking.pass(held, true, LATER).bytes()).isEmpty();
    var passed = overtaking.pass(said, true, LATER);
    assertThat(passed.bytes()).containsExactly(said.bytes(), held.bytes());
    assertThat(passed.overtaken()).isTrue();
  }
}
