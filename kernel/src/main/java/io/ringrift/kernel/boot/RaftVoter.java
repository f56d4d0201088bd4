package io.ringrift.kernel.boot;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.kernel.consensus.hybrid.HybridConsensus;
import io.ringrift.kernel.consensus.raft.RaftConfig;
import io.ringrift.kernel.consensus.raft.RaftConsensus;
import io.ringrift.kernel.consensus.raft.RaftSetup;
import io.ringrift.kernel.consensus.raft.RaftStatus;
import io.ringrift.kernel.consensus.raft.RaftTls;
import io.ringrift.kernel.store.EpochStore.Pledge;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A voter in mode raft or hybrid, from the kernel's configuration. Opened by one thread; any
/// thread asks.
final class RaftVoter {
  private final RaftConsensus raft;
  private final Consensus consensus;

  /// Who is alive, once membership is open.
  private volatile Optional<Membership> membership = Optional.empty();

  private RaftVoter(KernelConfig config, Ports ports, RaftConsensus raft) {
    this.raft = raft;
    this.consensus =
        switch (config.consensusMode()) {
          case HYBRID -> HybridConsensus.over(raft, settings(config), ports.ticker());
          case RAFT, BULLY -> raft;
        };
  }

  /// @param hosts where a node is reached now; its raft port is the configured one
  /// @param pledge what this node knows from before
  /// @throws io.ringrift.kernel.Refusal when the disk or the raft port does not allow it
  static RaftVoter open(
      KernelConfig config, Ports ports, Function<NodeId, Optional<Endpoint>> hosts, Pledge pledge) {
    var raft =
        RaftConsensus.open(
            new RaftSetup(
                config.logId(),
                config.self(),
                config.voters().stream().map(Voter::id).toList(),
                config.joins(),
                id -> address(config, hosts, id),
                raftConfig(config),
                pledge.greatest(),
                pledge.seen(),
                ports.folder(),
                ports.machine(),
                ports.ticker(),
                ports.audit(),
                ports.meters(),
                ports.onFatal()));
    return new RaftVoter(config, ports, raft);
  }

  private static Optional<Endpoint> address(
      KernelConfig config, Function<NodeId, Optional<Endpoint>> hosts, NodeId id) {
    return config.voters().stream()
        .filter(voter -> voter.id().equals(id))
        .findFirst()
        .map(
            voter ->
                hosts
                    .apply(id)
                    .map(known -> new Endpoint(known.host(), voter.raftPort()))
                    .orElse(voter.raft()));
  }

  private static RaftConfig raftConfig(KernelConfig config) {
    var raft = config.raft();
    return new RaftConfig(
        raft.bindHost(),
        raft.bindPort(),
        raft.electionTimeout(),
        config.timing().maxDriftPerMille(),
        raft.compactionMinEntries(),
        Runtime.getRuntime().maxMemory(),
        raft.tls().map(tls -> new RaftTls(tls.key(), tls.certificate(), tls.ca())));
  }

  /// A preferred voter is steady when it has been well for as long as would make it suspect.
  private HybridConsensus.Settings settings(KernelConfig config) {
    Map<NodeId, Integer> priorities =
        config.voters().stream().collect(Collectors.toMap(Voter::id, Voter::priority));
    return new HybridConsensus.Settings(
        config.self(),
        priorities,
        config.timing().suspectAfter(),
        config.timing().deadAfter(),
        this::alive);
  }

  private Set<NodeId> alive() {
    return membership
        .map(
            m ->
                m.members().stream()
                    .filter(Member::alive)
                    .map(Member::id)
                    .collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  /// Nobody is preferred before this.
  void learn(Membership opened) {
    membership = Optional.of(opened);
  }

  Consensus consensus() {
    return consensus;
  }

  RaftStatus status() {
    return raft.status();
  }
}
