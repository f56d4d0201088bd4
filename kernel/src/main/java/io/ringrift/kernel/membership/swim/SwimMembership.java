package io.ringrift.kernel.membership.swim;

import io.grpc.BindableService;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.membership.EventDelivery;
import io.ringrift.kernel.membership.MemberRecord;
import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.membership.ShownView;
import io.ringrift.kernel.membership.swim.SwimEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MembershipRpc;
import io.ringrift.kernel.wire.SwimCard;
import io.ringrift.kernel.wire.TunnelHub;
import io.scalecube.cluster.membership.MemberStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Membership by SWIM. The owner thread looks at ScaleCube's table several times per probe interval
/// and behind each change; what it sees is judged by pure classes.
public final class SwimMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(SwimMembership.class);
  private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(1);
  private static final int LOOKS_PER_PING = 4;
  private static final int SOON_MILLIS = 5;

  private final SwimConfig config;
  private final SwimPorts ports;
  private final SwimThread owner;
  private final SwimMetrics metrics;
  private final LocalHealth health;
  private final ProbeJudge judge;
  private final SwimView view;
  private final CardCheck cards;
  private final EventDelivery delivery;
  private final SwimTransport transport;
  private final Refusals refusals;
  private final SwimEngine engine;
  private final OncePerMinute quiet = new OncePerMinute();
  private final TunnelHub noTunnels;
  private boolean lookPlanned;
  private volatile List<Member> members;
  private volatile int healthScore;
  private volatile boolean left;

  /// Opens the port and begins to look for the seeds.
  ///
  /// @throws Refusal INVALID_ARGUMENT for a node without an advertised address, a port that cannot
  ///   be opened, figures that contradict each other or certificates that cannot be used
  public static SwimMembership open(SwimConfig config, SwimPorts ports) {
    return started(new SwimMembership(config, ports, true));
  }

  /// The same as one source of a merged view, which alone keeps the record of changes.
  public static SwimMembership openBeneath(SwimConfig config, SwimPorts ports) {
    return started(new SwimMembership(config, ports, false));
  }

  private static SwimMembership started(SwimMembership membership) {
    membership.delivery.start();
    membership.owner.execute(membership::start);
    return membership;
  }

  private SwimMembership(SwimConfig config, SwimPorts ports, boolean alone) {
    checkFigures(config);
    Duration round = config.swim().pingInterval().dividedBy(2);
    this.config = config;
    this.ports = ports;
    this.metrics = new SwimMetrics(ports.metrics());
    this.health = new LocalHealth(config.swim().pingInterval());
    this.judge = new ProbeJudge(health, round);
    this.view =
        new SwimView(
            config.self(),
            config.voters().keySet(),
            config.timing(),
            config.holdAtMost(),
            SwimConfig.MAX_MEMBERS);
    this.cards = new CardCheck(config, metrics, this::trouble);
    this.members = List.of(self(ports.ticker().now(), Incarnation.ZERO));
    this.delivery = new EventDelivery("swim-events-" + config.self(), alone ? keeper() : _ -> {});
    this.noTunnels = new TunnelHub(ports.ticker(), config.timing().deadAfter());
    var types = new WireTypes();
    this.owner = new SwimThread("swim-" + config.self());
    this.transport = new SwimTransport(config, ports, owner, metrics, types);
    this.refusals =
        new Refusals(owner, types, transport.sockets()::ifRefused, config.swim().pingInterval());
    this.engine = engine(types);
    metrics.watch(() -> healthScore);
    var admission =
        new Admission(config, types, engine::ids, this::troubleOncePerMinute, transport::refuse);
    transport.open(admission::admits, engine);
  }

  private static void checkFigures(SwimConfig config) {
    var faults = config.swim().faults();
    if (!faults.isEmpty()) {
      throw new Refusal(Reason.INVALID_ARGUMENT, String.join("; ", faults));
    }
    var _ = config.dialledAt();
  }

  private SwimEngine engine(WireTypes types) {
    var card =
        new SwimCard(
            new Intro(
                config.self(),
                config.boot(),
                Incarnation.ZERO,
                Optional.of(config.servedAt()),
                Optional.empty(),
                Epoch.ZERO),
            config.settings(),
            config.dialledAt().port(),
            config.voters().containsKey(config.self()));
    try {
      return new SwimEngine(
          config,
          card.bytes(),
          owner,
          transport,
          types,
          probes ->
              new HealthyProbes(
                  probes, judge, ports.ticker(), metrics, transport.sockets()::drop, refusals),
          this::lookSoon);
    } catch (Refusal e) {
      transport.close();
      throw e;
    }
  }

  private MemberRecord keeper() {
    return new MemberRecord(ports.metrics(), ports.audit(), ports.leadership(), this::members);
  }

  private void start() {
    engine.start();
    long pause = Math.max(10, config.swim().pingInterval().toMillis() / LOOKS_PER_PING);
    var _ = owner.scheduleWithFixedDelay(this::lookOnce, 0, pause, TimeUnit.MILLISECONDS);
  }

  /// gRPC services to serve in mode `swim`.
  public List<BindableService> services() {
    var shown = new ShownView(this::members, delivery, ports.ticker(), _ -> false);
    return List.of(new MembershipRpc(new SwimHandler(config, shown), noTunnels));
  }

  /// For people.
  public SwimStatus status() {
    var all = members();
    int living = (int) all.stream().filter(m -> m.state() != MemberState.DEAD).count();
    return new SwimStatus(
        config.bindPort(),
        config.swim().expectedDetection(living),
        config.swim().suspicion(living),
        config.swim().pingInterval(),
        healthScore,
        all.stream().map(SwimMembership::shown).toList());
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

  @Override
  public void leave() {
    left = true;
    engine.leave(LONGEST_GOODBYE);
  }

  @Override
  public void close() {
    engine.close();
    owner.shutdownNow();
    noTunnels.close();
    delivery.close();
  }

  /// For tests: the way to the network.
  SwimTransport transport() {
    return transport;
  }

  // ---- owner thread

  /// The edge of this loop: one look that fails must not be the last.
  private void lookOnce() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("a look at the members failed: {}", e.getMessage(), e);
    }
  }

  /// At a start with many others the table changes many times in a moment: one look for all.
  private void lookSoon() {
    if (!lookPlanned) {
      lookPlanned = true;
      var _ = owner.schedule(this::lookOnce, SOON_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    lookPlanned = false;
    Moment now = ports.ticker().now();
    health.tick(now);
    healthScore = health.score();
    var rows = engine.rows();
    var ids = new HashSet<String>();
    var addresses = new HashSet<String>();
    var suspects = new HashSet<String>();
    var sightings = new java.util.ArrayList<Sighting>();
    Incarnation own = Incarnation.ZERO;
    for (WireTypes.Row row : rows) {
      var member = row.member();
      ids.add(member.id());
      addresses.add(member.address());
      if (row.status() == MemberStatus.SUSPECT) {
        suspects.add(member.id());
        refusals.suspect(now, member);
      }
      if (member.id().equals(Identity.member(config.self(), config.boot()))) {
        own = new Incarnation(row.incarnation());
      } else {
        engine
            .card(member)
            .flatMap(
                card -> cards.sighting(row, card, transport.lastContact(member.address()), now))
            .ifPresent(sightings::add);
      }
    }
    cards.retain(ids);
    judge.retain(ids);
    refusals.retain(suspects);
    transport.retain(addresses);
    var effects = view.look(now, sightings, health.doubts());
    publish(now, own);
    effects.forEach(this::perform);
  }

  private void publish(Moment now, Incarnation own) {
    var all = new TreeMap<NodeId, Member>();
    view.members().forEach(member -> all.put(member.id(), member));
    all.put(config.self(), self(now, own));
    members = List.copyOf(all.values());
  }

  private void perform(SwimEffect effect) {
    switch (effect) {
      case SwimEffect.Changed(var event) -> delivery.post(event);
      case SwimEffect.Report(var trouble, var text) -> troubleOncePerMinute(trouble, text);
    }
  }

  private void troubleOncePerMinute(Trouble trouble, String text) {
    if (quiet.first(text, ports.ticker().now())) {
      trouble(trouble, text);
    }
  }

  private void trouble(Trouble trouble, String text) {
    metrics.trouble(trouble);
    LOG.warn("{}: {}", trouble, text);
  }

  private Member self(Moment now, Incarnation incarnation) {
    return new Member(
        config.self(),
        config.boot(),
        incarnation,
        left ? MemberState.LEFT : MemberState.ALIVE,
        config.endpoint(),
        config.voters().containsKey(config.self()),
        config.endpoint().isEmpty(),
        now,
        false,
        0);
  }

  private static SwimStatus.SwimMember shown(Member member) {
    return new SwimStatus.SwimMember(
        member.id(), member.state(), member.endpoint().map(Endpoint::toString).orElse(""));
  }
}
