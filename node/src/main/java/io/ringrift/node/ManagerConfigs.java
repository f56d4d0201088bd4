package io.ringrift.node;

import io.ringrift.managers.job.JobConfig;
import io.ringrift.managers.job.ProcessConfig;
import io.ringrift.managers.job.WorkloadTemplate;
import io.ringrift.managers.placement.DeclaredNode;
import io.ringrift.managers.placement.NodeSelector;
import io.ringrift.managers.placement.PlacementLimits;
import io.ringrift.managers.queue.QueueConfig;
import io.ringrift.managers.queue.TrainingTerms;
import io.ringrift.managers.selfplay.ConfigKey;
import io.ringrift.managers.selfplay.SelfplayConfig;
import io.ringrift.managers.state.StateConfig;
import io.ringrift.managers.sync.SyncConfig;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.managers.watch.ScaleConfig;
import io.ringrift.managers.watch.WatchConfig;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.config.NodeConfig.Workload;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What each manager needs to know, out of the node's one configuration.
record ManagerConfigs(NodeConfig node, List<WorkloadTemplate> templates) {
  private static final String SELFPLAY = "hex-selfplay";
  private static final String TRAINING = "hex-train";
  private static final Duration POPULATOR = Duration.ofSeconds(60);

  static ManagerConfigs of(NodeConfig node) {
    return new ManagerConfigs(
        node,
        node.workloads().values().stream()
            .sorted(Comparator.comparing(Workload::name))
            .map(ManagerConfigs::template)
            .toList());
  }

  private static WorkloadTemplate template(Workload w) {
    return new WorkloadTemplate(
        w.name(),
        w.jobType(),
        w.argv(),
        w.environment(),
        w.defaults(),
        w.gpus(),
        w.outputDir(),
        Set.copyOf(w.cpuOkModes()));
  }

  StateConfig state() {
    return StateConfig.defaults()
        .withQueueLimits(node.queue().softLimit(), node.queue().hardLimit());
  }

  ProcessConfig processes() {
    var usual =
        ProcessConfig.defaults(node.stateDir(), node.dataRoot(), templates, node.jobs().maxJobs());
    return new ProcessConfig(
        usual.stateDir(),
        usual.dataDir(),
        usual.templates(),
        node.capabilities(),
        node.jobs().allowExec(),
        node.jobs().maxJobs(),
        node.sharedHost() ? ProcessConfig.Guards.shared() : ProcessConfig.Guards.spec(),
        usual.stopGrace(),
        usual.defaultTimeout(),
        usual.logCapBytes(),
        usual.keepRuns(),
        usual.keepRunsFor(),
        usual.claimWait(),
        usual.orphanInterval());
  }

  JobConfig jobs() {
    var timing = node.timing();
    var usual = JobConfig.defaults(templates, timing.deadAfter(), timing.gossip());
    return new JobConfig(
        templates,
        declared("selfplay", SELFPLAY),
        declared("training", TRAINING),
        node.jobs().pendingExpiry(),
        usual.dispatchInterval(),
        usual.reaperInterval(),
        usual.reaper(),
        usual.startupGrace(),
        usual.factsLag(),
        usual.callTimeout());
  }

  /// The operator's own workload of that name or type before the built-in one.
  private String declared(String jobType, String otherwise) {
    return templates.stream()
        .filter(t -> t.jobType().equals(jobType) && !t.name().equals(otherwise))
        .map(WorkloadTemplate::name)
        .findFirst()
        .orElse(otherwise);
  }

  NodeSelector.Settings placement() {
    return new NodeSelector.Settings(
        limits(),
        Duration.ofMillis(200),
        node.hosts().values().stream().map(ManagerConfigs::declared).toList());
  }

  private static DeclaredNode declared(NodeConfig.Host host) {
    var hardware = host.hardware();
    return new DeclaredNode(
        host.name(),
        hardware.cpus(),
        hardware.memoryBytes(),
        hardware.gpus(),
        hardware.gpuName(),
        host.retired(),
        Set.copyOf(host.capabilities()));
  }

  private PlacementLimits limits() {
    return node.sharedHost() ? PlacementLimits.shared() : PlacementLimits.spec();
  }

  QueueConfig queue() {
    var usual = QueueConfig.defaults();
    var beat = node.timing().heartbeat();
    return beat.compareTo(usual.maintenance()) < 0 ? usual.withMaintenance(beat) : usual;
  }

  static TrainingTerms trainings(TrainingConfig training) {
    var trainer = training.trainer();
    return new TrainingTerms(trainer.minMemoryBytes(), trainer.patience());
  }

  SelfplayConfig selfplay() {
    var set = node.selfplay();
    return new SelfplayConfig(
        set.enabled(),
        set.configs().stream().map(ManagerConfigs::config).toList(),
        new SelfplayConfig.Items(
            set.workload(),
            set.searchWorkload(),
            templates.stream()
                .collect(Collectors.toMap(WorkloadTemplate::name, WorkloadTemplate::cpuModes)),
            set.engine(),
            set.modelEngine(),
            set.games()),
        new SelfplayConfig.Depths(set.leastDepth(), set.depth(), set.targetGames()),
        keyed(set.curriculum()),
        keyed(set.boards()),
        new SelfplayConfig.Nodes(
            bytes(set.minMemoryGib()),
            limits().disk(),
            limits().memory(),
            set.jobsPerCpu(),
            set.cpuOnlyJobs(),
            bytes(set.largeBoardGib())),
        POPULATOR);
  }

  /// Nine tenths, for a machine sold with so much tells of less.
  private static long bytes(int gib) {
    return ((long) gib << 30) / 10 * 9;
  }

  private static ConfigKey config(String text) {
    return ConfigKey.parse("selfplay.configs", text);
  }

  private static <T> Map<ConfigKey, T> keyed(Map<String, T> byText) {
    return byText.entrySet().stream()
        .collect(Collectors.toMap(e -> config(e.getKey()), Map.Entry::getValue));
  }

  /// A shared machine's load says nothing of the node, so nothing is taken off it.
  WatchConfig watch() {
    return WatchConfig.of(!node.sharedHost(), scale());
  }

  private ScaleConfig scale() {
    var usual = ScaleConfig.DEFAULT;
    var set = node.scaling();
    return new ScaleConfig(
        usual.interval(),
        set.when().upAbove(),
        set.when().downBelow(),
        set.minNodes(),
        set.maxNodes(),
        set.when().cooldown(),
        usual.mostPerRound());
  }

  private SyncConfig.Receivers receivers() {
    var set = node.sync().receivers();
    int usual = (int) Math.min(100, limits().disk() + 5);
    int most = set.maxDiskPercent() == 0 ? usual : set.maxDiskPercent();
    return new SyncConfig.Receivers(
        Math.min(most, 100 - set.minFreePercent()),
        Math.max(usual, most),
        set.excluded(),
        set.preferred());
  }

  SyncConfig sync() {
    var usual = SyncConfig.defaults(node.dataRoot());
    var interval = node.sync().interval();
    var caps = node.sync().caps();
    var gc = node.sync().gc();
    var ranges = node.sync().ranges();
    return new SyncConfig(
        usual.dataRoot(),
        interval,
        interval,
        usual.requestTimeout(),
        usual.transferTimeout(),
        usual.idleTimeout(),
        node.sync().partialAge(),
        node.sync().replicationTarget(),
        node.sync().maxConcurrent(),
        new SyncConfig.Caps(
            caps.bytesPerSecond(), caps.peerBytesPerSecond(), caps.overrides(), caps.maxPerPeer()),
        receivers(),
        new SyncConfig.Gc(gc.enabled(), gc.keepModels(), gc.age()),
        SyncConfig.Ranges.of(ranges.fromBytes(), ranges.maxSources()));
  }
}
