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
import java.util.Map;
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
    int copies = struck(link, rule.duplicatePercent()) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      Duration jitter =
          rule.jitter().isZero()
              ? Duration.ZERO
              : Duration.ofNanos(random.nextLong(rule.jitter().toNanos()));
      send(rule.delay().plus(jitter), bytes);
    }
    Held overtaken = held.get();
    if (overtaken != null && overtaken.link().equals(link) && let(overtaken)) {
      rules.strike(link);
    }
  }

  /// Until the next one of its link has passed, or for so long.
  private boolean holds(LinkRule rule, Held datagram) {
    boolean drawn = rule.reorderPercent() > 0 && random.nextInt(100) < rule.reorderPercent();
    if (!drawn || !held.compareAndSet(null, datagram)) {
      return false;
    }
    Thread.ofVirtual().start(() -> letLater(rule.hold(), datagram));
    return true;
  }

  private void letLater(Duration hold, Held datagram) {
    LockSupport.parkNanos(this, hold.toNanos());
    try {
      var _ = let(datagram);
    } catch (IOException closed) {
      LOG.debug("a datagram that was held was lost: {}", closed.toString());
    }
  }

  /// @return false when it went already
  private boolean let(Held datagram) throws IOException {
    boolean own = held.compareAndSet(datagram, null);
    if (own) {
      send(Duration.ZERO, datagram.bytes());
    }
    return own;
  }

  private void send(Duration delay, byte[] bytes) throws IOException {
    if (delay.isZero()) {
      socket.send(new DatagramPacket(bytes, bytes.length, target));
    } else if (waiting.tryAcquire()) {
      Thread.ofVirtual().start(() -> sendLater(delay, bytes));
    }
  }

  private void sendLater(Duration delay, byte[] bytes) {
    try {
      LockSupport.parkNanos(this, delay.toNanos());
      socket.send(new DatagramPacket(bytes, bytes.length, target));
    } catch (IOException closed) {
      LOG.debug("a delayed datagram was lost: {}", closed.toString());
    } finally {
      waiting.release();
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
