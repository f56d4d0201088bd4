package io.ringrift.node;

import io.grpc.BindableService;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.boot.Kernel;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import io.ringrift.managers.job.JobManager;
import io.ringrift.managers.job.NodeFactsSource;
import io.ringrift.managers.job.NvidiaSmi;
import io.ringrift.managers.job.ProcessSupervisor;
import io.ringrift.managers.loop.BackoffConfig;
import io.ringrift.managers.loop.LoopManager;
import io.ringrift.managers.placement.NodeSelector;
import io.ringrift.managers.queue.QueueManager;
import io.ringrift.managers.rating.RatingManager;
import io.ringrift.managers.selfplay.SelfplayManager;
import io.ringrift.managers.state.StateManager;
import io.ringrift.managers.status.CollectorConfig;
import io.ringrift.managers.status.StatusMetricsCollector;
import io.ringrift.managers.status.StatusSources;
import io.ringrift.managers.sync.SyncPlanner;
import io.ringrift.managers.training.TrainingCoordinator;
import io.ringrift.managers.watch.ClusterWatch;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.local.LocalScaler;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// The managers of one node, made of a running kernel. They know each other by stubs only; what is
/// handed from one to another here are ports.
final class NodeManagers implements AutoCloseable {
  private final StateManager state;
  private final List<Manager> all = new ArrayList<>();
  private final LoopManager loops;
  private final NodeFactsSource facts;
  private final Scaler scaler;

  NodeManagers(
      NodeConfig node,
      LiveConfig live,
      BootId boot,
      Kernel kernel,
      Services services,
      StateManager state,
      ProcessSupervisor.Ports ports) {
    Ticker ticker = ports.ticker();
    var configs = ManagerConfigs.of(node);
    var membership = kernel.membership();
    var consensus = kernel.consensus();
    var board = kernel.gossip();
    this.state = state;
    this.loops =
        new LoopManager(
            BackoffConfig.DEFAULT,
            node.loopIntervals(),
            ticker,
            InstantSource.system(),
            () -> ThreadLocalRandom.current().nextDouble());

    var gpus = new NvidiaSmi(ticker);
    var processes = new ProcessSupervisor(services, ports, gpus, live::processes);
    var sync =
        new SyncPlanner(
            services,
            membership,
            consensus,
            kernel.fence(),
            state.digests(),
            configs.sync(),
            ticker);
    this.facts = processes.facts(board, facts(node, ticker, sync));
    all.add(state);
    all.add(processes);
    all.add(sync);
    all.add(new NodeSelector(services, membership, board, ticker, configs.placement()));
    all.add(new JobManager(services, membership, consensus, ticker, live::jobs));
    all.add(
        new QueueManager(
            consensus,
            membership,
            services,
            configs.queue(),
            () -> ManagerConfigs.trainings(live.training()),
            ticker));
    all.add(new RatingManager(consensus, membership, services, ticker));
    var training =
        new TrainingCoordinator(
            consensus,
            membership,
            services,
            live::training,
            ticker,
            () -> ThreadLocalRandom.current().nextLong());
    all.add(training);
    all.add(
        new SelfplayManager(
            consensus,
            membership,
            services,
            live::selfplay,
            new SelfplayManager.Inputs(
                () -> games(sync).map(training::sinceLastRun),
                training::modelInOffice,
                ticker,
                () -> ThreadLocalRandom.current().nextLong())));
    this.scaler = scaler(node);
    all.add(
        new ClusterWatch(
            services,
            membership,
            consensus,
            configs.watch(),
            scaler,
            ticker,
            () -> List.of("data_sync", "job_reaper").forEach(loops::wake)));
    all.add(
        new StatusMetricsCollector(
            CollectorConfig.DEFAULT,
            new StatusSources(
                identity(node, live, boot),
                membership,
                consensus,
                board,
                services,
                () -> List.copyOf(all),
                ticker,
                InstantSource.system())));
    all.add(loops);
  }

  private static Scaler scaler(NodeConfig node) {
    return switch (node.scaling().mode()) {
      case OFF -> Scaler.NONE;
      case LOCAL -> new LocalScaler(node);
      case WEBHOOK ->
          new WebhookScaler(
              node.scaling().webhook().orElseThrow(),
              node.clusterId(),
              node.timing().requestTimeout(),
              node.scaling().removable());
    };
  }

  private static NodeFactsSource.Settings facts(NodeConfig node, Ticker ticker, SyncPlanner sync) {
    return new NodeFactsSource.Settings(
        node.nodeId(),
        Version.CURRENT,
        node.advertise().map(e -> e.host()).orElse(""),
        node.advertise().map(e -> e.port()).orElse(0),
        node.timing().gossip(),
        ticker,
        () -> {
          var summary = sync.summary();
          return new NodeFactsSource.Manifest(summary.digest(), summary.files());
        });
  }

  /// Games of the cluster; while they are not known here, they are asked for.
  private Optional<Map<String, Long>> games(SyncPlanner sync) {
    var games = sync.games();
    if (games.isEmpty()) {
      loops.wake("manifest_collection");
    }
    return games;
  }

  private static StatusSources.Identity identity(NodeConfig node, LiveConfig live, BootId boot) {
    return new StatusSources.Identity(
        node.clusterId(),
        node.nodeId(),
        boot,
        Version.CURRENT,
        node.membershipMode().name().toLowerCase(Locale.ROOT),
        node.consensusMode().name().toLowerCase(Locale.ROOT),
        () -> AdminEndpoint.messages(live.node().settings()));
  }

  List<BindableService> services() {
    return all.stream().flatMap(manager -> manager.services().stream()).toList();
  }

  LoopManager loops() {
    return loops;
  }

  /// Begins the periodic work.
  void start() {
    all.forEach(manager -> manager.loops().forEach(loops::register));
    loops.register(facts.loop());
    loops.start();
  }

  /// Ends the periodic work, then the managers; processes go on. The state outlives them: the
  /// kernel executes into it.
  @Override
  public void close() {
    loops.close();
    all.reversed().stream().filter(manager -> manager != state).forEach(Manager::close);
    if (scaler instanceof WebhookScaler webhook) {
      webhook.close();
    }
  }
}
