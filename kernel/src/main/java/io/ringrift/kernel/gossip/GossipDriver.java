package io.ringrift.kernel.gossip;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Exchange;
import io.ringrift.kernel.wire.GossipRpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the gossip rounds: one thread paces them, exchanges run on virtual threads with a deadline.
/// The core is guarded by a lock that never spans I/O.
public final class GossipDriver implements GossipBoard, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GossipDriver.class);
  private static final Duration LONGEST_EXCHANGE = Duration.ofSeconds(2);
  private static final int MAX_EXCHANGES = 16;

  private final GossipConfig config;
  private final GossipPorts ports;
  private final GossipCore core;
  private final ReentrantLock lock = new ReentrantLock();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore room = new Semaphore(MAX_EXCHANGES);
  private final Thread pacer;
  private volatile Map<NodeId, Posting> postings = Map.of();
  private Map<NodeId, GossipCore.Held> shown = Map.of();
  private volatile boolean closed;
  private int turn;

  /// Starts the rounds.
  public static GossipDriver open(GossipConfig config, GossipPorts ports) {
    var driver = new GossipDriver(config, ports);
    driver.pacer.start();
    return driver;
  }

  private GossipDriver(GossipConfig config, GossipPorts ports) {
    this.config = config;
    this.ports = ports;
    this.core =
        new GossipCore(
            config.self(),
            config.boot(),
            config.bootTimeMillis(),
            config.clusterId(),
            config.timing().deadAfter().multipliedBy(2));
    this.pacer = Thread.ofVirtual().name("gossip-" + config.self()).unstarted(this::run);
  }

  /// gRPC service to serve.
  public BindableService service() {
    return new GossipRpc(this::answer);
  }

  @Override
  public void publish(byte[] payload) {
    locked(
        now -> {
          core.publish(now, ByteString.copyFrom(payload));
          return true;
        });
  }

  @Override
  public Map<NodeId, Posting> postings() {
    return postings;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(pacer);
    threads.shutdownNow();
  }

  private Exchange.Answer answer(Exchange.Ask ask) {
    if (!ask.clusterId().equals(config.clusterId())) {
      throw new Refusal(
          Reason.WRONG_CLUSTER,
          "node "
              + ask.from()
              + " is of cluster \""
              + ask.clusterId()
              + "\" but "
              + config.self()
              + " is of cluster \""
              + config.clusterId()
              + "\"");
    }
    count("answered");
    return locked(now -> core.answer(now, ask, known()));
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(this, pause().toNanos());
      if (!closed) {
        round();
      }
    }
  }

  /// The interval with a jitter of up to a fifth that depends on the node and the round only: no
  /// chance, yet no two nodes beat together.
  private Duration pause() {
    turn++;
    int hash = 31 * config.self().value().hashCode() + turn;
    long perMille = 800 + Math.floorMod((hash * 0x9E3779B97F4A7C15L) >>> 32, 401L);
    return config.timing().gossip().multipliedBy(perMille).dividedBy(1000);
  }

  private void round() {
    locked(
        now -> {
          core.forget(now, known());
          return true;
        });
    for (NodeId peer : GossipCore.fanout(order())) {
      ports.channels().apply(peer).ifPresent(channel -> begin(peer, channel));
    }
  }

  /// Living members that can be dialled, in an order that turns by one each round.
  private List<NodeId> order() {
    var peers =
        new ArrayList<>(
            ports.members().get().stream()
                .filter(m -> m.alive() && !m.outboundOnly() && !m.id().equals(config.self()))
                .filter(m -> !config.outboundOnly() || m.voter())
                .map(Member::id)
                .toList());
    if (!peers.isEmpty()) {
      int own = Math.floorMod(config.self().value().hashCode(), peers.size());
      Collections.rotate(peers, own + turn);
    }
    return peers;
  }

  private void begin(NodeId peer, Channel channel) {
    if (!room.tryAcquire()) {
      count("skipped");
      return;
    }
    threads.execute(
        () -> {
          try {
            exchange(channel);
            count("ok");
          } catch (Refusal refusal) {
            count("failed");
            LOG.debug("no gossip with {}: {}", peer, refusal.text());
          } finally {
            room.release();
          }
        });
  }

  private void exchange(Channel channel) {
    var answer = GossipRpc.call(channel, locked(_ -> core.ask()), LONGEST_EXCHANGE);
    Optional<Exchange.Ask> push = locked(now -> core.take(now, answer, known()));
    if (push.isPresent()) {
      var rest = GossipRpc.call(channel, push.get(), LONGEST_EXCHANGE);
      var _ = locked(now -> core.take(now, rest, known()));
    }
  }

  private <T> T locked(Function<Moment, T> step) {
    lock.lock();
    try {
      Moment now = ports.ticker().now();
      T result = step.apply(now);
      show();
      return result;
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock: the view for readers; payloads are copied once per version.
  private void show() {
    var held = core.held();
    if (held.equals(shown)) {
      return;
    }
    var fresh = new LinkedHashMap<NodeId, Posting>();
    held.forEach(
        (id, h) -> {
          Posting before = h.equals(shown.get(id)) ? postings.get(id) : null;
          fresh.put(
              id,
              before != null ? before : new Posting(h.fact().payload().toByteArray(), h.heard()));
        });
    shown = held;
    postings = Collections.unmodifiableMap(fresh);
  }

  private GossipCore.Known known() {
    var boots = new LinkedHashMap<NodeId, BootId>();
    for (Member member : ports.members().get()) {
      if (member.state() != MemberState.LEFT && !member.retired()) {
        boots.put(member.id(), member.boot());
      }
    }
    return new GossipCore.Known(boots);
  }

  private void count(String result) {
    ports.metrics().counter("ringrift.gossip.exchanges", "result", result).increment();
  }
}
