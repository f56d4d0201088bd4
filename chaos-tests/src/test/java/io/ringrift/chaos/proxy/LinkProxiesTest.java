package io.ringrift.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// This process plays node `a`, which dials node `b` through the proxy.
@Timeout(60)
final class LinkProxiesTest {
  private static final Link THERE = new Link("a", "b");
  private static final Link BACK = THERE.back();
  private static final int SHORT = 300;

  private final Ticker ticker = Ticker.system();
  private final InetAddress loopback = InetAddress.getLoopbackAddress();
  private LinkProxies proxies;
  private ServerSocket node;
  private int front;

  @BeforeEach
  void start() throws IOException {
    List<Integer> ports = FreePorts.choose(2);
    front = ports.get(0);
    node = new ServerSocket(ports.get(1), 10, loopback);
    node.setSoTimeout(20_000);
    proxies = new LinkProxies(() -> Map.of(ProcessHandle.current().pid(), "a"), 1);
    proxies.stream("b", front, ports.get(1));
  }

  @AfterEach
  void stop() throws IOException {
    proxies.close();
    node.close();
  }

  /// Both ends of one connection through the proxy.
  private record Pair(Socket near, Socket far) implements AutoCloseable {
    void send(int value) throws IOException {
      near.getOutputStream().write(value);
    }

    void answer(int value) throws IOException {
      far.getOutputStream().write(value);
    }

    static boolean arrives(Socket at, int value, int millis) throws IOException {
      at.setSoTimeout(millis);
      try {
        return at.getInputStream().read() == value;
      } catch (SocketTimeoutException nothing) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      near.close();
      far.close();
    }
  }

  private Pair connect() throws IOException {
    var near = new Socket(loopback, front);
    return new Pair(near, node.accept());
  }

  @Test
  void oneDirectionIsCutAndTheOtherGoesOnAndWhatWasHeldArrivesInOrder() throws IOException {
    try (Pair pair = connect()) {
      pair.send(1);
      assertThat(Pair.arrives(pair.far(), 1, 5000)).isTrue();
      proxies.set(Map.of(THERE, LinkRule.CUT));
      pair.send(2);
      pair.send(3);
      pair.answer(4);
      assertThat(Pair.arrives(pair.near(), 4, 5000)).isTrue();
      assertThat(Pair.arrives(pair.far(), 2, SHORT)).isFalse();
      assertThat(proxies.struck(List.of(THERE))).isPositive();
      assertThat(proxies.struck(List.of(BACK))).as("nothing is counted on the other").isZero();
      proxies.set(Map.of());
      assertThat(Pair.arrives(pair.far(), 2, 5000)).isTrue();
      assertThat(Pair.arrives(pair.far(), 3, 5000)).isTrue();
    }
  }

  @Test
  void noConnectionComesAboutWhileEitherDirectionIsCut() throws IOException {
    proxies.set(Map.of(BACK, LinkRule.CUT));
    try (var near = new Socket(loopback, front)) {
      near.getOutputStream().write(7);
      node.setSoTimeout(SHORT);
      assertThat(accepted()).isFalse();
      proxies.set(Map.of());
      node.setSoTimeout(5000);
      try (Socket far = node.accept()) {
        assertThat(Pair.arrives(far, 7, 5000)).isTrue();
      }
    }
  }

  private boolean accepted() throws IOException {
    try (Socket socket = node.accept()) {
      return socket.isConnected();
    } catch (SocketTimeoutException nobody) {
      return false;
    }
  }

  @Test
  void ruleOfAnotherLinkHoldsNothingUp() throws IOException {
    proxies.set(Map.of(new Link("c", "b"), LinkRule.CUT, new Link("b", "c"), LinkRule.CUT));
    try (Pair pair = connect()) {
      pair.send(1);
      assertThat(Pair.arrives(pair.far(), 1, 5000)).isTrue();
    }
    assertThat(proxies.struck(List.of(THERE, BACK, new Link("c", "b"), new Link("b", "c"))))
        .isZero();
  }

  @Test
  void delayHoldsEachPieceBackAndNothingMore() throws IOException {
    try (Pair pair = connect()) {
      proxies.set(Map.of(THERE, LinkRule.delayed(Duration.ofMillis(400), Duration.ZERO)));
      Moment sent = ticker.now();
      pair.send(1);
      assertThat(Pair.arrives(pair.far(), 1, 10_000)).isTrue();
      assertThat(ticker.now().since(sent)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
      assertThat(proxies.struck(List.of(THERE))).isPositive();
    }
  }

  @Test
  void resetEndsWhatIsOpenAndWhatIsOpenedLater() throws IOException {
    try (Pair pair = connect()) {
      proxies.set(Map.of(THERE, LinkRule.RESET));
      await().until(() -> ended(pair.near()));
    }
    try (var near = new Socket(loopback, front)) {
      await().until(() -> ended(near));
    }
  }

  private static boolean ended(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void truncatedPieceArrivesByHalfAndTheConnectionEnds() throws IOException {
    try (Pair pair = connect()) {
      proxies.set(Map.of(THERE, LinkRule.truncating(100)));
      pair.near().getOutputStream().write(new byte[1000]);
      pair.far().setSoTimeout(10_000);
      int arrived = 0;
      try {
        while (pair.far().getInputStream().read() >= 0) {
          arrived++;
        }
      } catch (SocketException reset) {
        assertThat(reset).hasMessageContaining("reset");
      }
      assertThat(arrived).isLessThanOrEqualTo(500);
    }
  }

  @Test
  void datagramsAreCutAndCopiedByTheRuleOfTheirSender() throws IOException {
    List<Integer> ports = FreePorts.choose(2);
    try (var from = new DatagramSocket(0, loopback);
        var to = new DatagramSocket(ports.get(1), loopback)) {
      proxies.datagrams("b", ports.get(0), ports.get(1), Map.of(from.getLocalPort(), "a"));
      to.setSoTimeout(SHORT);
      proxies.set(Map.of(THERE, LinkRule.CUT));
      from.send(packet(ports.get(0)));
      assertThat(received(to)).isFalse();
      proxies.set(Map.of(THERE, LinkRule.duplicating(100)));
      to.setSoTimeout(5000);
      from.send(packet(ports.get(0)));
      assertThat(received(to)).isTrue();
      assertThat(received(to)).isTrue();
    }
  }

  @Test
  void datagramIsHeldUntilTheNextOneOfItsLinkHasOvertakenIt() throws IOException {
    List<Integer> ports = FreePorts.choose(2);
    try (var from = new DatagramSocket(0, loopback);
        var to = new DatagramSocket(ports.get(1), loopback)) {
      proxies.datagrams("b", ports.get(0), ports.get(1), Map.of(from.getLocalPort(), "a"));
      to.setSoTimeout(5000);
      proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMinutes(1))));
      for (byte each = 1; each <= 4; each++) {
        from.send(new DatagramPacket(new byte[] {each}, 1, loopback, ports.get(0)));
      }
      assertThat(List.of(first(to), first(to), first(to), first(to))).containsExactly(2, 1, 4, 3);
      await().until(() -> proxies.struck(List.of(THERE)) == 2);
      proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMillis(50))));
      from.send(packet(ports.get(0)));
      assertThat(received(to)).as("nothing overtook it").isTrue();
      assertThat(proxies.struck(List.of(THERE))).isEqualTo(2);
    }
  }

  @Test
  void datagramThatIsOvertakenGoesBehindTheOneThatIsDelayed() throws IOException {
    List<Integer> ports = FreePorts.choose(2);
    try (var from = new DatagramSocket(0, loopback);
        var to = new DatagramSocket(ports.get(1), loopback)) {
      proxies.datagrams("b", ports.get(0), ports.get(1), Map.of(from.getLocalPort(), "a"));
      to.setSoTimeout(5000);
      var delay = LinkRule.delayed(Duration.ofMillis(SHORT), Duration.ZERO);
      proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMinutes(1)).and(delay)));
      Moment sent = ticker.now();
      for (byte each = 1; each <= 2; each++) {
        from.send(new DatagramPacket(new byte[] {each}, 1, loopback, ports.get(0)));
      }
      assertThat(List.of(first(to), first(to))).containsExactly(2, 1);
      await("two delayed, one overtaken").until(() -> proxies.struck(List.of(THERE)) == 3);
      proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMillis(50)).and(delay)));
      from.send(packet(ports.get(0)));
      assertThat(received(to)).as("nothing overtook it").isTrue();
      assertThat(ticker.now().since(sent)).isGreaterThanOrEqualTo(Duration.ofMillis(2 * SHORT));
    }
  }

  private static int first(DatagramSocket socket) throws IOException {
    var packet = new DatagramPacket(new byte[10], 10);
    socket.receive(packet);
    return packet.getData()[0];
  }

  private DatagramPacket packet(int port) {
    return new DatagramPacket(new byte[] {9}, 1, loopback, port);
  }

  private static boolean received(DatagramSocket socket) throws IOException {
    var packet = new DatagramPacket(new byte[10], 10);
    try {
      socket.receive(packet);
      return packet.getLength() == 1;
    } catch (SocketTimeoutException nothing) {
      return false;
    }
  }
}
