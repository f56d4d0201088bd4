package io.ringrift.node.config;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.boot.KernelConfig.Succession;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.managers.sync.PeerCap;
import io.ringrift.managers.training.TrainingConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Everything one node needs to know; checked, so that whoever holds one may trust it.
///
/// @param voters voters in force; empty for a standalone node, which is its own majority
/// @param succession which of the cluster's lists of voters that is
/// @param hosts nodes that the file names, by name
/// @param sharedHost several nodes on one machine that is used for other things too: its load says
///   nothing of this node
/// @param capabilities job types that this node accepts
/// @param workloads declared templates by name, the built-in ones included
/// @param loopIntervals intervals that the file sets for single loops, by loop name
/// @param settings every effective setting with its origin, sorted by name, secrets masked
/// @param warnings for people: unknown keys and variables, and what was ignored
public record NodeConfig(
    String clusterId,
    NodeId nodeId,
    Listen listen,
    Optional<Endpoint> advertise,
    Path stateDir,
    Path dataRoot,
    List<Voter> voters,
    Succession succession,
    List<Endpoint> seeds,
    MembershipMode membershipMode,
    ConsensusMode consensusMode,
    Timing timing,
    KernelConfig.Raft raft,
    KernelConfig.Swim swim,
    Map<String, Host> hosts,
    boolean sharedHost,
    List<String> capabilities,
    Map<String, Workload> workloads,
    Jobs jobs,
    Queue queue,
    Sync sync,
    TrainingConfig training,
    Selfplay selfplay,
    Scaling scaling,
    Map<String, Duration> loopIntervals,
    Security security,
    String logLevel,
    List<Setting> settings,
    List<String> warnings) {
  /// Where this node listens.
  public record Listen(String host, int port) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "::1", "0:0:0:0:0:0:0:1");

    /// Nobody beyond this machine can reach it.
    public boolean loopback() {
      return LOOPBACK.contains(host) || host.startsWith("127.");
    }

    @Override
    public String toString() {
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /// A node of the file's `hosts` section (SPEC 1.10).
  ///
  /// @param outboundOnly nat_blocked or force_relay_mode
  /// @param role as the file says it; for people
  public record Host(
      String name,
      Optional<Endpoint> endpoint,
      boolean outboundOnly,
      List<String> capabilities,
      Hardware hardware,
      String role,
      String status) {
    private static final Set<String> GONE =
        Set.of("retired", "archived", "terminated", "stopped", "proxy_only");

    /// Gets no work.
    public boolean retired() {
      return GONE.contains(status);
    }
  }

  /// What the file says of a machine; 0 and empty where it says nothing.
  ///
  /// @param gpuName of its GPUs, all alike
  /// @param gpuMemoryGib of each
  public record Hardware(int cpus, long memoryBytes, int gpus, String gpuName, int gpuMemoryGib) {}

  /// A declared workload template.
  ///
  /// @param argv program and arguments; `{name}` placeholders are filled by the job manager, and no
  ///   shell reads them
  /// @param environment extra variables of the process
  /// @param defaults values for placeholders that a job leaves open
  /// @param cpuOkModes engine modes that need no GPU
  /// @param gpus GPUs pinned for one run; 0 needs none
  /// @param outputDir folder below the data root, with placeholders
  public record Workload(
      String name,
      String jobType,
      List<String> argv,
      Map<String, String> environment,
      Map<String, String> defaults,
      List<String> cpuOkModes,
      int gpus,
      String outputDir) {}

  /// @param pendingExpiry time without dispatch after which a pending job expires
  public record Jobs(int maxJobs, boolean allowExec, Duration pendingExpiry) {}

  public record Queue(int softLimit, int hardLimit) {}

  /// @param receivers who receives by plans
  /// @param caps bounds of what the node receives
  /// @param ranges what comes from several nodes at once
  /// @param partialAge what is left of a transfer is removed when nobody went on with it for so
  ///   long
  /// @param gc what is removed
  public record Sync(
      Duration interval,
      int replicationTarget,
      int maxConcurrent,
      Receivers receivers,
      Caps caps,
      Ranges ranges,
      Duration partialAge,
      Gc gc) {}

  /// @param maxDiskPercent to which disks may be filled; 0 is a little more than jobs may
  /// @param minFreePercent that stays free in any case
  /// @param excluded globs of nodes that are brought nothing
  /// @param preferred globs of nodes that are brought copies before others
  public record Receivers(
      int maxDiskPercent, int minFreePercent, List<String> excluded, List<String> preferred) {}

  /// @param bytesPerSecond all transfers together; 0 sets no limit
  /// @param peerBytesPerSecond all transfers from one node together; 0 sets no limit
  /// @param overrides in place of `peerBytesPerSecond`: the first that covers a node counts
  /// @param maxPerPeer transfers from one node at once
  public record Caps(
      long bytesPerSecond, long peerBytesPerSecond, List<PeerCap> overrides, int maxPerPeer) {}

  /// @param fromBytes size of the smallest file that comes in ranges
  /// @param maxSources nodes that send one file at once
  public record Ranges(long fromBytes, int maxSources) {}

  /// @param enabled copies that nobody needs are removed
  /// @param keepModels models out of office that stay, for each configuration
  /// @param age nothing younger is removed
  public record Gc(boolean enabled, int keepModels, Duration age) {}

  /// @param configs what is played, `hex8_2p`
  /// @param searchWorkload template of the search modes; empty when `workload` plays all
  /// @param engine engine mode without a model; `table` takes that of the priority table
  /// @param modelEngine engine mode with a model
  /// @param leastDepth waiting items below which the leader fills the queue
  /// @param depth waiting items up to which it does
  /// @param targetGames games at which a configuration has enough
  /// @param minMemoryGib least memory of a node that plays
  /// @param largeBoardGib least memory of a node that plays one of the large boards
  /// @param jobsPerCpu most jobs per processor of a node without GPU
  /// @param cpuOnlyJobs most jobs beside those of a node's GPUs
  /// @param curriculum weight by configuration
  /// @param boards 0 critical to 3 low by configuration
  public record Selfplay(
      boolean enabled,
      List<String> configs,
      String workload,
      String searchWorkload,
      String engine,
      String modelEngine,
      int games,
      int leastDepth,
      int depth,
      int targetGames,
      int minMemoryGib,
      int largeBoardGib,
      double jobsPerCpu,
      int cpuOnlyJobs,
      Map<String, Double> curriculum,
      Map<String, Integer> boards) {}

  /// Who is asked for more or fewer nodes when this node leads.
  public enum ScalingMode {
    OFF,
    /// Nodes are processes on this machine.
    LOCAL,
    /// Somebody else's service is told.
    WEBHOOK
  }

  /// @param webhook where scaling is posted to; present in mode WEBHOOK
  /// @param minNodes nodes that scaling down leaves
  /// @param maxNodes nodes up to which scaling adds
  /// @param removable globs of the nodes that a webhook may be told to take away
  /// @param when what makes it add and take away
  /// @param file this configuration's file, from which local nodes start too
  public record Scaling(
      ScalingMode mode,
      Optional<URI> webhook,
      int minNodes,
      int maxNodes,
      List<String> removable,
      ScaleWhen when,
      Optional<Path> file) {}

  /// @param upAbove pending items per node above which nodes are added
  /// @param downBelow pending items per node below which idle nodes are taken away
  /// @param cooldown least gap between two decisions
  public record ScaleWhen(double upAbove, double downBelow, Duration cooldown) {}

  /// @param token bearer token; empty turns authentication off
  public record Security(Optional<String> token, boolean insecure) {
    @Override
    public String toString() {
      return "Security[token=" + (token.isPresent() ? "***" : "none") + "]";
    }
  }

  /// Why this node could not, or by its configuration must not, run in that mode of consensus;
  /// empty when it may.
  public List<String> obstacles(ConsensusMode mode) {
    if (mode == ConsensusMode.BULLY) {
      return List.of();
    }
    var obstacles = new ArrayList<>(Modes.obstaclesToRaft(listen, voters, raft, security));
    Modes.raftRuledOut(settings).ifPresent(obstacles::add);
    return obstacles;
  }

  /// What a running cluster made of this: its mode of consensus and its voters.
  public NodeConfig in(ConsensusMode mode, List<Voter> voters, Succession succession) {
    return new NodeConfig(
        clusterId,
        nodeId,
        listen,
        advertise,
        stateDir,
        dataRoot,
        voters,
        succession,
        seeds,
        membershipMode,
        mode,
        timing,
        raft,
        swim,
        hosts,
        sharedHost,
        capabilities,
        workloads,
        jobs,
        queue,
        sync,
        training,
        selfplay,
        scaling,
        loopIntervals,
        security,
        logLevel,
        settings,
        warnings);
  }

  /// This configuration with the part of another that can change while a node runs, see `Reload`.
  NodeConfig reloaded(NodeConfig read) {
    var merged = new ArrayList<>(settings);
    merged.removeIf(setting -> Reload.live(setting.name()));
    read.settings.stream().filter(s -> Reload.live(s.name())).forEach(merged::add);
    merged.sort(Comparator.comparing(Setting::name));
    return new NodeConfig(
        clusterId,
        nodeId,
        listen,
        advertise,
        stateDir,
        dataRoot,
        voters,
        succession,
        seeds,
        membershipMode,
        consensusMode,
        timing,
        raft,
        swim,
        hosts,
        sharedHost,
        capabilities,
        read.workloads,
        read.jobs,
        queue,
        sync,
        read.training.every(training.interval()),
        read.selfplay,
        scaling,
        loopIntervals,
        security,
        read.logLevel,
        List.copyOf(merged),
        read.warnings);
  }

  /// Can dial out only.
  public boolean outboundOnly() {
    return advertise.isEmpty();
  }

  /// The kernel's share of this configuration.
  ///
  /// @param knownAddresses `host:port` of members as they were before the restart
  /// @param logId life of the log, see `KernelConfig`
  public KernelConfig kernel(BootId boot, List<String> knownAddresses, String logId) {
    var known =
        Stream.concat(seeds.stream(), knownAddresses.stream().map(Endpoint::parse))
            .distinct()
            .filter(endpoint -> !advertise.equals(Optional.of(endpoint)))
            .toList();
    return new KernelConfig(
        clusterId,
        logId,
        nodeId,
        boot,
        advertise,
        voters,
        succession,
        known,
        membershipMode,
        consensusMode,
        timing,
        raft,
        swim,
        stateDir);
  }
}
