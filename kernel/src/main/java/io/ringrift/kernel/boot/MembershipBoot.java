package io.ringrift.kernel.boot;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.kernel.membership.http.HttpConfig;
import io.ringrift.kernel.membership.http.HttpMembership;
import io.ringrift.kernel.membership.http.HttpPorts;
import io.ringrift.kernel.membership.hybrid.HybridMembership;
import io.ringrift.kernel.membership.swim.SwimConfig;
import io.ringrift.kernel.membership.swim.SwimMembership;
import io.ringrift.kernel.membership.swim.SwimPorts;
import io.ringrift.kernel.membership.swim.SwimStatus;
import io.ringrift.kernel.membership.swim.SwimTls;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.Tunnels;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Opens the membership of the configured mode. Used once, by one thread.
final class MembershipBoot {
  private final KernelConfig config;
  private final Ports ports;
  private final Map<NodeId, Endpoint> voters;

  MembershipBoot(KernelConfig config, Ports ports, Map<NodeId, Endpoint> voters) {
    this.config = config;
    this.ports = ports;
    this.voters = voters;
  }

  /// What the rest of the kernel needs of it, whatever the mode.
  ///
  /// @param addresses where nodes listen; never blocks
  /// @param swim SWIM for people; empty where it is not started
  record Opened(
      Membership membership,
      List<BindableService> services,
      Tunnels tunnels,
      Function<NodeId, Optional<Endpoint>> addresses,
      Supplier<Optional<SwimStatus>> swim) {}

  /// @param advertised told of every leader that a voter names
  /// @throws io.ringrift.kernel.Refusal when SWIM cannot be started; nothing is left running then
  Opened open(Consensus consensus, BiConsumer<NodeId, Epoch> advertised) {
    var settings = settings(consensus);
    return switch (config.membershipMode()) {
      case HTTP -> {
        var http = HttpMembership.open(http(settings), httpPorts(consensus, advertised));
        yield new Opened(http, http.services(), http.tunnels(), http.addresses(), Optional::empty);
      }
      case SWIM -> {
        var swim = SwimMembership.open(swim(settings), swimPorts(consensus, advertised));
        yield new Opened(
            swim,
            swim.services(),
            _ -> Optional.empty(),
            addresses(swim),
            () -> Optional.of(swim.status()));
      }
      case HYBRID -> {
        var hybrid =
            HybridMembership.open(
                http(settings),
                httpPorts(consensus, advertised),
                swim(settings),
                swimPorts(consensus, advertised));
        yield new Opened(
            hybrid, hybrid.services(), hybrid.tunnels(), addresses(hybrid), hybrid::swimStatus);
      }
    };
  }

  /// The freshest address that a node gave of itself, else the configured one of a voter.
  private Function<NodeId, Optional<Endpoint>> addresses(Membership membership) {
    return id ->
        membership
            .member(id)
            .flatMap(Member::endpoint)
            .or(() -> Optional.ofNullable(voters.get(id)));
  }

  private ClusterSettings settings(Consensus consensus) {
    return new ClusterSettings(
        config.clusterId(),
        name(config.membershipMode()),
        name(config.consensusMode()),
        ClusterSettings.PROTOCOL_VERSION,
        config.timing().lease(),
        config.timing().renew(),
        config.consensusMode() == ConsensusMode.BULLY
            ? Duration.ZERO
            : config.raft().electionTimeout(),
        consensus.voters(),
        config.succession().version());
  }

  private HttpConfig http(ClusterSettings settings) {
    return new HttpConfig(
        settings,
        config.self(),
        config.boot(),
        config.advertise(),
        voters,
        config.seeds(),
        config.timing());
  }

  private HttpPorts httpPorts(Consensus consensus, BiConsumer<NodeId, Epoch> advertised) {
    return new HttpPorts(
        ports.ticker(),
        ports.channels(),
        consensus::leadership,
        advertised,
        ports.audit(),
        ports.localServices(),
        ports.meters());
  }

  private SwimConfig swim(ClusterSettings settings) {
    var swim = config.swim();
    return new SwimConfig(
        settings,
        config.self(),
        config.boot(),
        config.advertise(),
        swim.bindHost(),
        swim.bindPort(),
        config.advertise().map(at -> new Endpoint(at.host(), swim.advertisePort())),
        voters,
        swimSeeds(),
        config.timing(),
        swim.figures(config.timing()),
        swim.tls().map(tls -> new SwimTls(tls.ca(), tls.certificate(), tls.key())));
  }

  /// A seed is known by where its services listen; its SWIM is guessed at the default port.
  private List<Endpoint> swimSeeds() {
    return Stream.concat(
            config.voters().stream().map(Voter::swim),
            config.seeds().stream()
                .filter(seed -> !voters.containsValue(seed))
                .map(seed -> new Endpoint(seed.host(), KernelConfig.Swim.DEFAULT_PORT)))
        .distinct()
        .toList();
  }

  private SwimPorts swimPorts(Consensus consensus, BiConsumer<NodeId, Epoch> advertised) {
    return new SwimPorts(
        ports.ticker(), consensus::leadership, advertised, ports.audit(), ports.meters());
  }

  private static String name(Enum<?> mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
