package io.ringrift.kernel.membership.swim;

import static io.scalecube.cluster.fdetector.FailureDetectorImpl.PING;
import static io.scalecube.cluster.fdetector.FailureDetectorImpl.PING_ACK;
import static io.scalecube.cluster.fdetector.FailureDetectorImpl.PING_REQ;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.scalecube.cluster.ClusterConfig;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.fdetector.FailureDetector;
import io.scalecube.cluster.fdetector.FailureDetectorImpl;
import io.scalecube.cluster.gossip.GossipProtocol;
import io.scalecube.cluster.membership.MembershipEvent;
import io.scalecube.cluster.membership.MembershipProtocolImpl;
import io.scalecube.cluster.metadata.MetadataCodec;
import io.scalecube.cluster.metadata.MetadataStore;
import io.scalecube.cluster.metadata.MetadataStoreImpl;
import java.lang.reflect.Field;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// The parts of ScaleCube, put together as its own `ClusterImpl` does, but around our thread, our
/// transport and judged probes, and with its table open to view. Owner thread, except `close`.
final class SwimEngine {
  private static final Logger LOG = LoggerFactory.getLogger(SwimEngine.class);

  private final SwimConfig config;
  private final SwimTransport transport;
  private final WireTypes types;
  private final Scheduler scheduler;
  private final Sinks.Many<MembershipEvent> changes = Sinks.many().multicast().directBestEffort();
  private final FailureDetector probes;
  private final GossipProtocol gossip;
  private final MetadataStore metadata;
  private final MembershipProtocolImpl membership;
  private final Map<?, ?> table;
  private final Disposable forwarding;

  /// @param judged puts the judge before ScaleCube's probes
  /// @param changed runs behind each change of the table
  SwimEngine(
      SwimConfig config,
      byte[] card,
      SwimThread owner,
      SwimTransport transport,
      WireTypes types,
      UnaryOperator<FailureDetector> judged,
      Runnable changed) {
    this.config = config;
    this.transport = transport;
    this.types = types;
    this.scheduler = Schedulers.fromExecutorService(owner);
    Member self = self(config, transport);
    ClusterConfig settings = settings(config, card);
    var added = changes.asFlux().onBackpressureBuffer();
    var figures = settings.failureDetectorConfig();
    var asked = transport.only(PING, PING_REQ, PING_ACK);
    this.probes = judged.apply(new FailureDetectorImpl(self, asked, added, figures, scheduler));
    this.gossip =
        new WordGossip(
            transport, types, scheduler, config.swim().gossipInterval(), this::others, this::row);
    var cards = transport.only(MetadataStoreImpl.GET_METADATA_REQ);
    this.metadata = new CardStore(new MetadataStoreImpl(self, cards, card, settings, scheduler));
    this.membership = protocol(self, settings);
    this.table = tableOf(membership);
    this.forwarding =
        membership
            .listen()
            .subscribe(
                event -> {
                  changes.emitNext(event, Sinks.EmitFailureHandler.FAIL_FAST);
                  changed.run();
                });
  }

  private static Member self(SwimConfig config, SwimTransport transport) {
    String clusterId = config.settings().clusterId();
    return new Member(
        Identity.member(config.self(), config.boot()),
        clusterId,
        transport.address(),
        Identity.namespace(clusterId));
  }

  void start() {
    probes.start();
    gossip.start();
    metadata.start();
    var _ = membership.start().subscribe();
  }

  private Collection<Member> others() {
    return membership.otherMembers();
  }

  /// The table as it is.
  List<WireTypes.Row> rows() {
    var rows = new ArrayList<WireTypes.Row>();
    for (Object each : table.values()) {
      rows.add(Objects.requireNonNull(types.row(each)));
    }
    return rows;
  }

  /// The table as it travels.
  Collection<?> records() {
    return List.copyOf(table.values());
  }

  private WireTypes.@Nullable Row row(String id) {
    return types.row(table.get(id));
  }

  Set<String> ids() {
    var ids = new HashSet<String>();
    table.keySet().forEach(id -> ids.add((String) id));
    return ids;
  }

  /// What a member told of itself.
  Optional<byte[]> card(Member member) {
    return metadata.metadata(member).map(SwimEngine::bytes);
  }

  /// Seeds that no member listens at, so that both sides of a partition that lasted past removal
  /// find each other (DEPENDENCIES 5.2).
  List<String> lonelySeeds() {
    var present = new HashSet<String>();
    membership.members().forEach(member -> present.add(member.address()));
    return config.seeds().stream()
        .map(Endpoint::toString)
        .filter(seed -> !present.contains(seed))
        .toList();
  }

  /// Spreads the goodbye; blocks until most have it, but not longer than said. Not on the owner
  /// thread.
  void leave(Duration atMost) {
    try {
      membership.leaveCluster().subscribeOn(scheduler).block(atMost);
    } catch (RuntimeException e) {
      LOG.debug("goodbye not confirmed: {}", e.getMessage());
    }
  }

  void close() {
    forwarding.dispose();
    membership.stop();
    gossip.stop();
    probes.stop();
    metadata.stop();
    scheduler.dispose();
    transport.close();
  }

  private MembershipProtocolImpl protocol(Member self, ClusterConfig settings) {
    try {
      return new MembershipProtocolImpl(
          self,
          transport.only(MembershipProtocolImpl.SYNC, MembershipProtocolImpl.SYNC_ACK),
          probes,
          gossip,
          metadata,
          settings,
          scheduler);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw new Refusal(
            Reason.INVALID_ARGUMENT,
            "SWIM needs this machine's own name to have an address, but: "
                + unknown.getMessage()
                + "; add it to the hosts file",
            e);
      }
      throw e;
    }
  }

  private static ClusterConfig settings(SwimConfig config, byte[] card) {
    SwimTiming swim = config.swim();
    return new ClusterConfig()
        .metadata(card)
        .metadataCodec(new Cards())
        .metadataTimeout((int) swim.metadataTimeout().toMillis())
        .failureDetector(
            f ->
                f.pingInterval((int) swim.pingInterval().toMillis())
                    .pingTimeout((int) swim.pingTimeout().toMillis())
                    .pingReqMembers(swim.indirectPings()))
        .membership(
            m ->
                m.seedMembers(
                        config.seeds().stream()
                            .filter(seed -> !seed.equals(config.dialledAt()))
                            .map(Endpoint::toString)
                            .toList())
                    .namespace(Identity.namespace(config.settings().clusterId()))
                    .syncInterval((int) swim.syncInterval().toMillis())
                    .syncTimeout((int) swim.syncInterval().toMillis())
                    .suspicionMult(swim.suspicionMult()));
  }

  /// Cards travel as the bytes they are.
  private static final class Cards implements MetadataCodec {
    @Override
    public Object deserialize(ByteBuffer buffer) {
      return bytes(buffer);
    }

    @Override
    public ByteBuffer serialize(Object card) {
      return ByteBuffer.wrap((byte[]) card);
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static Map<?, ?> tableOf(MembershipProtocolImpl membership) {
    try {
      Field field = MembershipProtocolImpl.class.getDeclaredField("membershipTable");
      field.setAccessible(true);
      return (Map<?, ?>) Objects.requireNonNull(field.get(membership));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of ScaleCube has another table", e);
    }
  }
}
