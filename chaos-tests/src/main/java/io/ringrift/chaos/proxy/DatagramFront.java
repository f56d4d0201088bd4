package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One UDP port that others send to instead of a node's own. Nodes send from the port that they
/// listen on, which tells who it was.
final class DatagramFront implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramFront.class);
  private static final int LARGEST = 64 << 10;

  /// Delayed ones; more are lost, as in a router that is full.
  private static final int MOST_WAITING = 2000;

  private record Held(Link link, byte[] bytes) {}

  private final String node;
  private final InetSocketAddress target;
  private final Rules rules;
  private final Map<Integer, String> senders;
  private final SplittableRandom random;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  /// The one that others overtake.
  private final AtomicReference<@Nullable Held> held = new AtomicReference<>();

  private final DatagramSocket socket;

  /// @param senders name of the node by the port that it sends from
  DatagramFront(
      String node, int port, int target, Rules rules, Map<Integer, String> senders, long seed)
      throws IOException {
    this.node = node;
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
    this.rules = rules;
    this.senders = Map.copyOf(senders);
    this.random = new SplittableRandom(seed);
    this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofVirtual().name("datagrams-" + node).start(this::receive);
  }

  private void receive() {
    var buffer = new byte[LARGEST];
    while (!socket.isClosed()) {
      var packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
        String from = senders.getOrDefault(packet.getPort(), "");
        handle(new Link(from, node), Arrays.copyOf(packet.getData(), packet.getLength()));
      } catch (IOException nobodyListens) {
        LOG.debug("a datagram for {} was lost: {}", node, nobodyListens.toString());
      }
    }
  }

  private void handle(Link link, byte[] bytes) throws IOException {
    LinkRule rule = rules.of(link);
    if (rule.cut() || rule.reset()) {
      rules.strike(link);
      return;
    }
    if (struck(link, rule.lossPercent())) {
      return;
    }
    if (rule.delays()) {
      rules.strike(link);
    }
    if (holds(rule, new Held(link, bytes))) {
      return;
    }
    if (struck(link, rule.duplicatePercent())) {
      var _ = send(delay(rule), List.of(bytes));
    }
    Optional<Held> overtaken = takeHeld(link);
    if (overtaken.isEmpty()) {
      var _ = send(delay(rule), List.of(bytes));
    } else if (send(delay(rule), List.of(bytes, overtaken.get().bytes()))) {
      rules.strike(link);
    }
  }

  private Duration delay(LinkRule rule) {
    return rule.jitter().isZero()
        ? rule.delay()
        : rule.delay().plusNanos(random.nextLong(rule.jitter().toNanos()));
  }

  /// Until the next one of its link has passed, or for so long.
  private boolean holds(LinkRule rule, Held datagram) {
    boolean drawn = rule.reorderPercent() > 0 && random.nextInt(100) < rule.reorderPercent();
    if (!drawn || !held.compareAndSet(null, datagram)) {
      return false;
    }
    Duration delay = delay(rule);
    Thread.ofVirtual().start(() -> letLater(rule.hold(), delay, datagram));
    return true;
  }

  private void letLater(Duration hold, Duration delay, Held datagram) {
    LockSupport.parkNanos(this, hold.toNanos());
    try {
      if (held.compareAndSet(datagram, null)) {
        var _ = send(delay, List.of(datagram.bytes()));
      }
    } catch (IOException closed) {
      LOG.debug("a datagram that was held was lost: {}", closed.toString());
    }
  }

  /// The one of that link, unless it went already.
  private Optional<Held> takeHeld(Link link) {
    return Optional.ofNullable(held.get())
        .filter(datagram -> datagram.link().equals(link) && held.compareAndSet(datagram, null));
  }

  /// @param all one behind the other
  /// @return false when they are lost
  private boolean send(Duration delay, List<byte[]> all) throws IOException {
    if (delay.isZero()) {
      sendNow(all);
      return true;
    }
    boolean room = waiting.tryAcquire();
    if (room) {
      Thread.ofVirtual().start(() -> sendLater(delay, all));
    }
    return room;
  }

  private void sendLater(Duration delay, List<byte[]> all) {
    try {
      LockSupport.parkNanos(this, delay.toNanos());
      sendNow(all);
    } catch (IOException closed) {
      LOG.debug("a delayed datagram was lost: {}", closed.toString());
    } finally {
      waiting.release();
    }
  }

  private void sendNow(List<byte[]> all) throws IOException {
    for (byte[] bytes : all) {
      socket.send(new DatagramPacket(bytes, bytes.length, target));
    }
  }

  private boolean struck(Link link, int percent) {
    boolean struck = percent > 0 && random.nextInt(100) < percent;
    if (struck) {
      rules.strike(link);
    }
    return struck;
  }

  @Override
  public void close() {
    socket.close();
  }
}
