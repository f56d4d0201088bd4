package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.fdetector.FailureDetectorImpl;
import io.scalecube.cluster.transport.api.Message;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What strangers may send to the port of SWIM.
final class HostileBytesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SwimCluster cluster = new SwimCluster(Timing.local(), "n1", "n2");
  private final WireForm form = new WireForm(new WireTypes());

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void randomBytesAreCountedAndTheConnectionIsClosed() throws IOException {
    startBoth();
    var random = new Random(1);
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[random.nextInt(2000) + 1];
      random.nextBytes(bytes);
      assertThat(closedAfter(frame(bytes))).isTrue();
    }

    assertThat(refused("frame")).isEqualTo(50);
    stillTogether();
  }

  @Test
  void randomDatagramsAreCounted() throws IOException {
    startBoth();
    var random = new Random(2);
    try (var socket = new DatagramSocket()) {
      for (int i = 0; i < 50; i++) {
        byte[] bytes = new byte[random.nextInt(1000) + 1];
        random.nextBytes(bytes);
        socket.send(new DatagramPacket(bytes, bytes.length, here(), port()));
      }
    }

    await().atMost(LONG).until(() -> refused("datagram") >= 40);
    stillTogether();
  }

  @Test
  void anotherDigestIsAnsweredByATableToMembersOnly() throws IOException {
    startBoth();
    String member = cluster.swimAt(new NodeId("n2")).toString();
    double before = streamsTo("n2");
    try (var socket = new DatagramSocket();
        var stranger = new ServerSocket(0, 1, here())) {
      for (int i = 0; i < 100; i++) {
        socket.send(digest(member));
      }
      await().atMost(LONG).until(() -> streamsTo("n2") >= before + 60);

      stranger.setSoTimeout(500);
      for (int i = 0; i < 100; i++) {
        socket.send(digest("127.0.0.1:" + stranger.getLocalPort()));
      }
      stillTogether();
      assertThatThrownBy(stranger::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void damagedMessagesNeverReachScaleCube() throws IOException {
    startBoth();
    byte[] good = form.write(ping());
    var random = new Random(3);
    for (int i = 0; i < 100; i++) {
      byte[] bad = good.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      send(frame(bad));
    }

    stillTogether();
    // its parts still work
    cluster.kill("n2");
    await()
        .atMost(LONG)
        .until(() -> !cluster.membership("n1").member(new NodeId("n2")).orElseThrow().alive());
  }

  @Test
  void aFrameBeyondTheBoundClosesTheConnection() throws IOException {
    startBoth();
    var bytes = new ByteArrayOutputStream();
    new DataOutputStream(bytes).writeInt(SwimSockets.MAX_FRAME + 1);

    assertThat(closedAfter(bytes.toByteArray())).isTrue();
    stillTogether();
  }

  @Test
  void aSerializedObjectIsNoMessage() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(new HashMap<>(Map.of("key", new ArrayList<>(List.of("value")))));
    }

    assertThatThrownBy(() -> form.read(bytes.toByteArray())).isInstanceOf(IOException.class);
  }

  @Test
  void aForeignClassDoesNotTravel() {
    var message = Message.withData(new ArrayList<>(List.of("x"))).qualifier("q").build();

    assertThatThrownBy(() -> form.write(message)).hasRootCauseInstanceOf(IOException.class);
  }

  /// Each of ScaleCube's readers allocates what a count asks for before it reads.
  @Test
  void aShortFrameCannotAskForALongArray() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(2);
    out.writeInt(1_000_000_000);

    assertThatThrownBy(() -> form.read(bytes.toByteArray()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("count");
  }

  @Test
  void aPingWithoutItsMembersIsNotWhole() throws IOException {
    var rules = new MessageRules(new WireTypes());
    var empty =
        Message.withData("no ping")
            .qualifier(FailureDetectorImpl.PING)
            .correlationId("1")
            .sender("127.0.0.1:1")
            .build();

    assertThat(rules.isWhole(form.read(form.write(empty)))).isFalse();
    assertThat(rules.isWhole(form.read(form.write(ping())))).isTrue();
  }

  @Test
  void aFloodOfConnectionsShutsNobodyOut() throws IOException {
    startBoth();
    var flood = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 500; i++) {
        flood.add(new Socket(here(), port()));
      }
      await().atMost(LONG).until(() -> cluster.guests("n1") <= Guests.MAX_STRANGERS + 2);
      assertThat(refused("connection")).isPositive();
      stillTogether();
    } finally {
      for (Socket socket : flood) {
        socket.close();
      }
    }
  }

  private void startBoth() {
    cluster.start("n1");
    cluster.start("n2");
    stillTogether();
  }

  private void stillTogether() {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              assertThat(cluster.membership("n1").members()).hasSize(2).allMatch(m -> m.alive());
              assertThat(cluster.membership("n2").members()).hasSize(2).allMatch(m -> m.alive());
            });
  }

  private double refused(String what) {
    return cluster.meters("n1").counter("ringrift.swim.refused", "what", what).count();
  }

  private DatagramPacket digest(String from) throws IOException {
    byte[] bytes =
        form.write(
            Message.withData("0".repeat(TableDigests.LENGTH))
                .qualifier(TableDigests.DIGEST)
                .sender(from)
                .build());
    return new DatagramPacket(bytes, bytes.length, here(), port());
  }

  private double streamsTo(String id) {
    return cluster
        .meters(id)
        .counter("ringrift.swim.messages", "direction", "received", "path", "stream")
        .count();
  }

  private static InetAddress here() {
    return InetAddress.getLoopbackAddress();
  }

  private int port() {
    return cluster.swimAt(new NodeId("n1")).port();
  }

  private static byte[] frame(byte[] bytes) throws IOException {
    var frame = new ByteArrayOutputStream();
    var out = new DataOutputStream(frame);
    out.writeInt(bytes.length);
    out.write(bytes);
    return frame.toByteArray();
  }

  private void send(byte[] bytes) throws IOException {
    try (var socket = new Socket(here(), port())) {
      socket.getOutputStream().write(bytes);
    }
  }

  private boolean closedAfter(byte[] bytes) throws IOException {
    try (var socket = new Socket(here(), port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes);
      try {
        return socket.getInputStream().read() < 0;
      } catch (java.net.SocketTimeoutException e) {
        return false;
      } catch (java.net.SocketException e) {
        return true;
      }
    }
  }

  private static Message ping() {
    var from = new Member("a/1", "test", "127.0.0.1:1", "c1");
    return Message.withData(pingData(from))
        .qualifier(FailureDetectorImpl.PING)
        .correlationId("1")
        .sender("127.0.0.1:1")
        .build();
  }

  /// ScaleCube keeps the type to itself.
  private static Object pingData(Member member) {
    try {
      var constructor =
          Class.forName("io.scalecube.cluster.fdetector.PingData")
              .getDeclaredConstructor(Member.class, Member.class);
      constructor.setAccessible(true);
      return constructor.newInstance(member, member);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("another version of ScaleCube", e);
    }
  }
}
