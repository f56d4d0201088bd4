package io.ringrift.kernel.membership.hybrid;

import io.grpc.BindableService;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.membership.EventDelivery;
import io.ringrift.kernel.membership.MemberRecord;
import io.ringrift.kernel.membership.ShownView;
import io.ringrift.kernel.membership.http.HttpConfig;
import io.ringrift.kernel.membership.http.HttpMembership;
import io.ringrift.kernel.membership.http.HttpPorts;
import io.ringrift.kernel.membership.swim.SwimConfig;
import io.ringrift.kernel.membership.swim.SwimMembership;
import io.ringrift.kernel.membership.swim.SwimPorts;
import io.ringrift.kernel.membership.swim.SwimStatus;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Tunnels;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Membership by SWIM and by polling, shown as one. Both keep their own view; the merge looks at
/// both behind each change of one and several times per heartbeat. A node without an address for
/// SWIM is here by polling alone.
public final class HybridMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(HybridMembership.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final HttpConfig config;
  private final HttpPorts ports;
  private final HttpMembership polling;
  private final Optional<SwimMembership> swim;
  private final ViewMerge merge;
  private final EventDelivery delivery;
  private final Semaphore news = new Semaphore(0);
  private final Thread thread;
  private volatile List<Member> members;
  private volatile boolean closed;

  /// @throws io.ringrift.kernel.Refusal as SWIM does; nothing is left running then
  public static HybridMembership open(
      HttpConfig config, HttpPorts ports, SwimConfig swimConfig, SwimPorts swimPorts) {
    Optional<SwimMembership> swim =
        swimConfig.advertise().map(_ -> SwimMembership.openBeneath(swimConfig, swimPorts));
    var membership =
        new HybridMembership(config, ports, HttpMembership.openBeneath(config, ports), swim);
    membership.start();
    return membership;
  }

  private HybridMembership(
      HttpConfig config, HttpPorts ports, HttpMembership polling, Optional<SwimMembership> swim) {
    this.config = config;
    this.ports = ports;
    this.polling = polling;
    this.swim = swim;
    this.merge = new ViewMerge(config.self(), config.timing().deadAfter());
    this.members = List.of(self());
    this.delivery =
        new EventDelivery(
            "hybrid-events-" + config.self(),
            new MemberRecord(ports.metrics(), ports.audit(), ports.leadership(), this::members));
    this.thread = Thread.ofVirtual().name("hybrid-" + config.self()).unstarted(this::run);
  }

  private void start() {
    delivery.start();
    // both subscriptions end with their sources
    var _ = polling.subscribe(_ -> news.release());
    swim.ifPresent(
        s -> {
          var _ = s.subscribe(_ -> news.release());
        });
    thread.start();
  }

  /// gRPC services to serve.
  public List<BindableService> services() {
    return polling.services(
        new ShownView(this::members, delivery, ports.ticker(), polling::relayed));
  }

  /// Channels to the outbound-only nodes that attached here.
  public Tunnels tunnels() {
    return polling.tunnels();
  }

  /// The half that is SWIM; for tests.
  Optional<SwimMembership> swim() {
    return swim;
  }

  /// SWIM for people; empty where it is not started.
  public Optional<SwimStatus> swimStatus() {
    return swim.map(SwimMembership::status);
  }

  @Override
  public List<Member> members() {
    return members;
  }

  @Override
  public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
    Runnable end =
        delivery.subscribe(
            () -> {},
            event -> {
              subscriber.accept(event);
              return true;
            });
    return end::run;
  }

  /// Both goodbyes at once.
  @Override
  public void leave() {
    Thread other = Thread.ofVirtual().start(() -> swim.ifPresent(SwimMembership::leave));
    polling.leave();
    try {
      other.join(LONGEST_PAUSE.plusSeconds(1));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    news.release();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    swim.ifPresent(SwimMembership::close);
    polling.close();
    delivery.close();
  }

  private void run() {
    Duration quarter = config.timing().heartbeat().dividedBy(4);
    Duration pause = quarter.compareTo(LONGEST_PAUSE) < 0 ? quarter : LONGEST_PAUSE;
    while (!closed) {
      lookOnce();
      try {
        var _ = news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        news.drainPermits();
      } catch (InterruptedException _) {
        closed = true;
      }
    }
  }

  /// The edge of this loop: one look that fails must not be the last.
  private void lookOnce() {
    try {
      look(ports.ticker().now());
    } catch (RuntimeException e) {
      LOG.error("a look at the members failed: {}", e.getMessage(), e);
    }
  }

  private void look(Moment now) {
    var events =
        merge.look(now, swim.map(SwimMembership::members).orElse(List.of()), polling.members());
    var all = new TreeMap<NodeId, Member>();
    merge.members().forEach(member -> all.put(member.id(), member));
    Member self = self();
    all.put(self.id(), self);
    members = List.copyOf(all.values());
    events.forEach(delivery::post);
  }

  private Member self() {
    return polling.member(config.self()).orElseThrow();
  }
}
