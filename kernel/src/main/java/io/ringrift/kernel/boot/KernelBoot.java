package io.ringrift.kernel.boot;

import io.grpc.BindableService;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.kernel.consensus.FollowerConsensus;
import io.ringrift.kernel.consensus.bully.BullyConsensus;
import io.ringrift.kernel.consensus.bully.BullyEstate;
import io.ringrift.kernel.consensus.bully.VoterSetup;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.consensus.raft.RaftEstate;
import io.ringrift.kernel.gossip.GossipConfig;
import io.ringrift.kernel.gossip.GossipDriver;
import io.ringrift.kernel.gossip.GossipPorts;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.wire.ElectionRpc;
import io.ringrift.kernel.wire.LeaderAddress;
import io.ringrift.kernel.wire.PeerStreams;
import io.ringrift.kernel.wire.ReplicaRpc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// Turns a configuration into a running kernel: the one switch over modes. Used once, by one
/// thread.
public final class KernelBoot {
  private final KernelConfig config;
  private final Ports ports;
  private final Map<NodeId, Endpoint> voters;
  private final AddressBook addresses;
  private final Deque<Runnable> closing = new ArrayDeque<>();
  private final List<BindableService> services = new ArrayList<>();

  /// The voter in modes raft and hybrid.
  private Optional<RaftVoter> raft = Optional.empty();

  private KernelBoot(KernelConfig config, Ports ports) {
    this.config = config;
    this.ports = ports;
    this.voters =
        config.voters().stream()
            .collect(
                Collectors.toMap(
                    Voter::id, Voter::endpoint, (first, _) -> first, LinkedHashMap::new));
    this.addresses = new AddressBook(voters);
  }

  /// Opens the kernel: promise, consensus, membership, gossip, fence, in this order.
  ///
  /// @throws Refusal when the configuration contradicts itself, naming every fault or when the
  ///   state folder cannot be used; nothing is left running then
  public static Kernel open(KernelConfig config, Ports ports) {
    var settled = ConfigCheck.settled(config);
    var boot = new KernelBoot(settled, ports);
    try {
      return boot.open();
    } catch (Refusal e) {
      boot.close();
      throw e;
    }
  }

  /// Brings a machine to the end of the log that a former mode of consensus left in the folder.
  /// Blocks; before the kernel is opened.
  ///
  /// @param engine whose log: `bully` or `raft`
  /// @return where the log ends, as its engine orders logs; empty when parts of it were lost
  public static Optional<LogPosition> settle(
      String engine, StateFolder folder, Audit audit, StateMachine machine) {
    return switch (engine) {
      case "bully" -> BullyEstate.settle(folder, audit, machine);
      case "raft" -> RaftEstate.settle(folder, audit, machine);
      default ->
          throw new Refusal(
              Reason.STORAGE_CORRUPT,
              "the state folder names the engine \"" + engine + "\", which this build lacks");
    };
  }

  private Kernel open() {
    var epochs = EpochStore.open(ports.folder().resolve("promise"));
    closing.push(epochs::close);
    ports.audit().record("boot", epochs.pledge().greatest(), Map.of("cluster", config.clusterId()));
    return switch (config.consensusMode()) {
      case BULLY -> config.isVoter() ? voter(epochs) : follower(epochs);
      case RAFT, HYBRID -> config.isVoter() ? raftVoter(epochs) : follower(epochs);
    };
  }

  /// The gate asks at every order; what it would learn only then is told it as well, so that it is
  /// on disk before a restart.
  private FenceGate gate(EpochStore epochs, Consensus consensus) {
    var gate =
        new FenceGate(
            epochs.pledge().greatest(),
            epoch -> remember(epochs, epoch),
            new Known(epochs, consensus));
    // The subscription ends with the consensus.
    var _ = consensus.subscribe(event -> gate.learn(event.epoch()));
    return gate;
  }

  private void remember(EpochStore epochs, Epoch epoch) {
    if (epoch.isAfter(epochs.pledge().greatest())) {
      epochs.see(epoch);
      ports.audit().record("epoch-seen", epoch, Map.of());
    }
  }

  /// What the voter promised and what it says about who leads.
  private record Known(EpochStore epochs, Consensus consensus) implements FenceGate.Knowledge {
    @Override
    public Epoch greatest() {
      return epochs.pledge().promised().max(consensus.leadership().epoch());
    }

    @Override
    public boolean mayLead(NodeId node) {
      return consensus.voters().contains(node);
    }

    @Override
    public Optional<NodeId> leader(Epoch epoch) {
      return consensus.leadership().leaderIn(epoch);
    }
  }

  private Kernel voter(EpochStore epochs) {
    var streams =
        new PeerStreams(
            new PeerStreams.Identity(config.electorate(), config.self(), config.boot()),
            addresses,
            ports.channels(),
            ports.ticker(),
            config.timing().lease(),
            ports.meters());
    closing.push(streams::close);
    var priorities = config.voters().stream().collect(Collectors.toMap(Voter::id, Voter::priority));
    var consensus =
        BullyConsensus.open(
            new VoterSetup(
                config.self(),
                priorities,
                config.timing(),
                ports.folder(),
                epochs,
                ports.machine(),
                streams,
                ports.ticker(),
                ports.audit(),
                ports.meters(),
                ports.onFatal()));
    services.add(
        new ReplicaRpc(
            config.electorate(),
            consensus,
            consensus.ledger(),
            streams::heard,
            new Known(epochs, consensus)::greatest));
    return around(consensus, (_, _) -> {}, epochs);
  }

  private Kernel raftVoter(EpochStore epochs) {
    var voter = RaftVoter.open(config, ports, addresses, epochs.pledge());
    raft = Optional.of(voter);
    return around(voter.consensus(), (_, _) -> {}, epochs);
  }

  private Kernel follower(EpochStore epochs) {
    var consensus =
        new FollowerConsensus(
            List.copyOf(voters.keySet()),
            epochs.pledge().greatest(),
            ports.ticker(),
            config.timing().lease());
    return around(consensus, consensus::advertise, epochs);
  }

  /// The same around every consensus: membership and gossip advertise, they decide nothing.
  private Kernel around(
      Consensus consensus, BiConsumer<NodeId, Epoch> advertised, EpochStore epochs) {
    services.add(new ElectionRpc(consensus, ports.ticker()));
    closing.push(consensus::close);
    var opened = new MembershipBoot(config, ports, voters).open(consensus, advertised);
    Membership membership = opened.membership();
    closing.push(membership::close);
    services.addAll(opened.services());
    addresses.learn(opened.addresses());
    raft.ifPresent(voter -> voter.learn(membership));
    var gossip = gossip(membership);
    return new Kernel(
        membership,
        consensus,
        gossip,
        gate(epochs, consensus),
        opened.tunnels(),
        List.copyOf(services),
        new LeaderAddress(() -> consensus.leadership().leader(), addresses),
        opened.swim(),
        () -> raft.map(RaftVoter::status),
        () -> {
          try {
            consensus.close();
            membership.leave();
          } finally {
            close();
          }
        });
  }

  private GossipDriver gossip(Membership membership) {
    var gossip =
        GossipDriver.open(
            new GossipConfig(
                config.self(),
                config.boot(),
                ports.bootTime().toEpochMilli(),
                config.clusterId(),
                config.outboundOnly(),
                config.timing()),
            new GossipPorts(
                ports.ticker(),
                membership::members,
                id -> addresses.apply(id).map(ports.channels()::to),
                ports.meters()));
    closing.push(gossip::close);
    services.add(gossip.service());
    return gossip;
  }

  /// Closes everything, even when a part fails to.
  private void close() {
    if (closing.isEmpty()) {
      return;
    }
    try {
      closing.pop().run();
    } finally {
      close();
    }
  }
}
