package io.ringrift.node;

import io.grpc.BindableService;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelBoot;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.Ports;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.job.ProcessSupervisor;
import io.ringrift.managers.state.ModeHooks;
import io.ringrift.managers.state.StateManager;
import io.ringrift.managers.state.VoterHooks;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.rpc.Channels;
import io.ringrift.node.rpc.LocalServer;
import io.ringrift.node.rpc.NodeServices;
import io.ringrift.node.web.PortHolder;
import io.ringrift.node.web.Probes;
import io.ringrift.node.web.WebConfig;
import io.ringrift.node.web.WebServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The composition root: reads top to bottom as the architecture and closes in reverse.
final class NodeAssembly implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAssembly.class);
  private static final Duration LONGEST_RECONNECT = Duration.ofSeconds(1);

  private final Closing closing = new Closing();
  private final Readiness readiness;

  /// @param live the part of the configuration that can change meanwhile
  /// @param onFatal called once when a broken invariant stops the node
  /// @param onRequest begins an orderly stop; given the cause
  /// @param following what the cluster may decide about this node while it runs
  NodeAssembly(
      NodeConfig config,
      LiveConfig live,
      BootId boot,
      Runnable onFatal,
      Consumer<String> onRequest,
      Following following) {
    boolean opened = false;
    try {
      this.readiness = open(config, live, boot, onFatal, onRequest, following);
      opened = true;
    } finally {
      if (!opened) {
        close();
      }
    }
  }

  private Readiness open(
      NodeConfig config,
      LiveConfig live,
      BootId boot,
      Runnable onFatal,
      Consumer<String> onRequest,
      Following following) {
    PortHolder.requireFree(config.listen().host(), config.listen().port());
    var ticker = Ticker.system();
    var meters =
        closing.later(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MeterRegistry::close);

    // what is kept
    var stores = closing.later(NodeStores.open(config, boot, ticker), NodeStores::close);
    var state =
        closing.later(
            StateManager.open(
                config.stateDir(),
                stores.cluster(),
                stores::anew,
                ManagerConfigs.of(config).state(),
                ticker),
            StateManager::close);
    state.quarantined().ifPresent(stores::databaseSetAside);

    Gauge.builder("ringrift_state_diverged_replicas", state, StateManager::divergedReplicas)
        .description("Voters whose state differs, as this voter sees it")
        .register(meters);

    // how nodes reach each other
    var token = config.security().token();
    var channels = closing.later(Channels.plaintext(reconnect(config), token), Channels::close);
    var local = closing.later(new LocalServer(config.nodeId().value()), LocalServer::close);

    // who is here, who leads
    var ports =
        new Ports(
            stores.folder(),
            ticker,
            channels,
            state.stateMachine(),
            stores.audit(),
            meters,
            local::channel,
            InstantSource.system().instant(),
            onFatal);
    var kernel =
        KernelBoot.open(config.kernel(boot, state.knownAddresses(), stores.logId()), ports);
    var closeKernelFirst = closing.first(kernel::close);
    var services =
        new NodeServices(
            config.nodeId(),
            local,
            kernel.membership(),
            kernel.consensus(),
            channels,
            kernel.tunnels());
    state.attach(
        kernel.consensus(),
        kernel.membership(),
        services,
        modes(config, following.onSwitch()),
        voters(config, following, stores.logId()),
        kernel.fence());

    // what they do
    var running =
        new ProcessSupervisor.Ports(kernel.fence(), stores.audit(), ticker, state.outbox());
    var managers = new NodeManagers(config, live, boot, kernel, services, state, running);
    var closeManagersFirst = closing.first(managers::close);
    var ready =
        new Readiness(
            config.nodeId(),
            kernel.consensus(),
            kernel.membership(),
            managers.loops(),
            state::founded);

    // how they are asked
    var all = new ArrayList<BindableService>(kernel.services());
    all.addAll(managers.services());
    all.add(new ModesEndpoint(config, kernel, InstantSource.system()));
    live.tell(new ConfigNews(services)::tell);
    all.add(new AdminEndpoint(live, onRequest));
    var served = kernel.guided(all);
    local.serve(served);
    var listen = config.listen();
    closing.later(
        WebServer.start(
            WebConfig.of(listen.host(), listen.port(), token),
            served,
            services.local(),
            new Probes(ready::unready, ready::leads),
            meters),
        WebServer::close);

    // and begin; whoever waits or streams here is told of the end before the port closes
    state.begin();
    managers.start();
    closeKernelFirst.run();
    closeManagersFirst.run();
    // before all else, the lease is released
    closing.first(() -> leave(kernel.consensus(), onFatal));
    var _ = kernel.consensus().subscribe(managers.loops().leadershipSubscriber());
    var _ = kernel.membership().subscribe(_ -> managers.loops().wake("data_sync"));
    return ready;
  }

  /// What the consensus leaves behind may hang on a dead disk, and so may what is closed next: the
  /// process has to end whatever becomes of that.
  private static void leave(Consensus consensus, Runnable onFatal) {
    try {
      consensus.close();
    } catch (Refusal left) {
      LOG.error("the consensus does not end: {}", left.text());
      onFatal.run();
      throw left;
    }
  }

  private static ModeHooks modes(NodeConfig config, BiConsumer<ConsensusMode, Epoch> onSwitch) {
    return new ModeHooks(
        ModeMark.name(config.consensusMode()),
        name ->
            ModeMark.mode(name)
                .map(mode -> obstacles(config, mode, votes(config)))
                .orElseGet(() -> List.of("must be bully, raft or hybrid")),
        (name, epoch) ->
            ModeMark.mode(name).ifPresent(mode -> onSwitch.accept(mode, new Epoch(epoch))));
  }

  /// Why this node could not run in that mode of consensus: what its configuration says, and where
  /// it would open Raft's port, whether it could. Later that would end the node.
  ///
  /// @param votes whether it would be a voter
  private static List<String> obstacles(NodeConfig config, ConsensusMode mode, boolean votes) {
    List<String> obstacles = config.obstacles(mode);
    boolean listens = config.consensusMode() != ConsensusMode.BULLY && votes(config);
    if (!obstacles.isEmpty() || !votes || listens || mode == ConsensusMode.BULLY) {
      return obstacles;
    }
    var raft = config.raft();
    return PortHolder.obstacle(raft.bindHost(), raft.bindPort(), "another raft_bind_port").stream()
        .toList();
  }

  /// A node that is told of no voters is the one voter.
  private static boolean votes(NodeConfig config) {
    return config.voters().isEmpty()
        || config.voters().stream().anyMatch(voter -> voter.id().equals(config.nodeId()));
  }

  private static VoterHooks voters(NodeConfig config, Following following, String logId) {
    return new VoterHooks(
        following.voters(),
        following.configured(),
        following.takesPart(),
        logId,
        following.self(),
        () -> obstacles(config, config.consensusMode(), true),
        following.onVoters());
  }

  /// Why this node cannot serve its role now; empty when it can. Never blocks.
  Optional<String> unready() {
    return readiness.unready();
  }

  @Override
  public void close() {
    closing.close();
  }

  /// A peer that comes back should be found within a heartbeat.
  private static Duration reconnect(NodeConfig config) {
    Duration beat = config.timing().heartbeat();
    return beat.compareTo(LONGEST_RECONNECT) < 0 ? beat : LONGEST_RECONNECT;
  }
}
