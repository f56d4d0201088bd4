package io.ringrift.kernel.membership.http;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.membership.EventDelivery;
import io.ringrift.kernel.membership.MemberRecord;
import io.ringrift.kernel.membership.ShownView;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Attachment;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MembershipRpc;
import io.ringrift.kernel.wire.PollAnswer;
import io.ringrift.kernel.wire.PollCall;
import io.ringrift.kernel.wire.TunnelHub;
import io.ringrift.kernel.wire.Tunnels;
import io.ringrift.kernel.wire.Welcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Membership by polling. Three threads at most beside the calls: the owner of the detector, the
/// delivery of events, and a timer for tunnelled calls.
public final class HttpMembership implements Membership {
  private static final Logger LOG = LoggerFactory.getLogger(HttpMembership.class);

  private final HttpConfig config;
  private final HttpPorts ports;
  private final DetectorLoop loop;
  private final EventDelivery delivery;
  private final PollMetrics metrics;
  private final Polling polling;
  private final TunnelHub hub;
  private final HttpHandler handler;
  private final Map<NodeId, Attachment> attachments = new HashMap<>();

  /// Starts to greet the voters and seeds at once; answers as soon as `services()` are served.
  public static HttpMembership open(HttpConfig config, HttpPorts ports) {
    return started(new HttpMembership(config, ports, true));
  }

  /// The same as one source of a merged view, which alone keeps the record of changes.
  public static HttpMembership openBeneath(HttpConfig config, HttpPorts ports) {
    return started(new HttpMembership(config, ports, false));
  }

  private static HttpMembership started(HttpMembership membership) {
    membership.delivery.start();
    membership.loop.start();
    return membership;
  }

  private HttpMembership(HttpConfig config, HttpPorts ports, boolean alone) {
    this.config = config;
    this.ports = ports;
    this.loop =
        new DetectorLoop(config.detector(), ports.ticker(), this::perform, this::keepAttached);
    this.delivery =
        new EventDelivery("membership-events-" + config.self(), alone ? keeper(ports) : _ -> {});
    this.metrics = new PollMetrics(ports.metrics(), loop::view);
    this.polling = new Polling(config, ports, this::intro, this::post, metrics);
    this.hub = new TunnelHub(ports.ticker(), config.timing().deadAfter());
    this.handler = new HttpHandler(config, ports, loop, delivery, this::intro);
    if (config.advertise().isEmpty()) {
      config.voters().forEach((id, at) -> attachments.put(id, attachment(id, at)));
    }
  }

  private MemberRecord keeper(HttpPorts ports) {
    return new MemberRecord(
        ports.metrics(), ports.audit(), ports.leadership(), () -> loop.view().members());
  }

  /// gRPC services to serve.
  public List<BindableService> services() {
    return List.of(new MembershipRpc(handler, hub));
  }

  /// The same, with a merged view for clients.
  public List<BindableService> services(ShownView shown) {
    return List.of(new MembershipRpc(new ShownHandler(handler, shown), hub));
  }

  /// Whether a member is known by another node's word only. Never blocks; any thread.
  public boolean relayed(NodeId id) {
    return loop.view().relayed().contains(id);
  }

  /// Channels to the outbound-only nodes that attached here.
  public Tunnels tunnels() {
    return hub;
  }

  /// Where a node listens: the freshest address that it gave of itself, else the configured one of
  /// a voter. Never blocks; safe for any thread.
  public Function<NodeId, Optional<Endpoint>> addresses() {
    return id ->
        member(id).flatMap(Member::endpoint).or(() -> Optional.ofNullable(config.voters().get(id)));
  }

  /// Factor by which this node stretches its timeouts: 2 while it hears from no majority.
  public int doubt() {
    return loop.view().doubt();
  }

  @Override
  public List<Member> members() {
    return loop.view().members();
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
    post(new PollInput.Leave());
    var channels =
        members().stream()
            .filter(m -> !m.id().equals(config.self()) && m.alive())
            .flatMap(m -> channel(m).stream())
            .toList();
    polling.leave(channels);
  }

  @Override
  public void close() {
    loop.close();
    attachments.values().forEach(Attachment::close);
    hub.close();
    polling.close();
    delivery.close();
  }

  private Optional<Channel> channel(Member member) {
    return member.endpoint().map(ports.channels()::to).or(() -> hub.to(member.id()));
  }

  private Intro intro() {
    Leadership leadership = ports.leadership().get();
    return new Intro(
        config.self(),
        config.boot(),
        loop.view().incarnation(),
        config.advertise(),
        leadership.leader(),
        leadership.epoch());
  }

  private void post(PollInput input) {
    if (!loop.offer(input)) {
      metrics.lost();
    }
  }

  private void perform(PollEffect effect) {
    switch (effect) {
      case PollEffect.Greet(var at) -> polling.greet(at);
      case PollEffect.Poll poll -> polling.poll(poll, this::pollOnStream);
      case PollEffect.Changed(var event) -> delivery.post(event);
      case PollEffect.Report(var trouble, var text) -> {
        metrics.trouble(trouble);
        LOG.warn("{}: {}", trouble, text);
      }
    }
  }

  private boolean pollOnStream(NodeId to, PollCall call) {
    Attachment attachment = attachments.get(to);
    return attachment != null && attachment.poll(call);
  }

  private void keepAttached(Moment now) {
    boolean leaving = loop.view().members().stream().anyMatch(this::isSelfLeaving);
    if (!leaving) {
      attachments.values().forEach(attachment -> attachment.keep(now));
    }
  }

  private boolean isSelfLeaving(Member member) {
    return member.id().equals(config.self()) && !member.alive();
  }

  private Attachment attachment(NodeId voter, Endpoint at) {
    return new Attachment(
        () -> ports.channels().to(addresses().apply(voter).orElse(at)),
        ports.localServices(),
        new Attachment.Owner() {
          @Override
          public Intro intro() {
            return HttpMembership.this.intro();
          }

          @Override
          public ClusterSettings settings() {
            return config.settings();
          }

          @Override
          public void welcomed(Welcome welcome) {
            polling.welcomed(welcome, Optional.of(at));
          }

          @Override
          public void answered(PollAnswer answer) {
            polling.answered(voter, answer);
          }

          @Override
          public void lost(Refusal refusal) {
            polling.refused(voter.value(), refusal);
          }
        },
        config.timing());
  }
}
