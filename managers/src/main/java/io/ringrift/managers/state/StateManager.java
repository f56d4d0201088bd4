package io.ringrift.managers.state;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.DigestCache;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Outbox;
import io.ringrift.managers.Services;
import io.ringrift.managers.state.DivergenceWatch.Alarm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Owns the replicated state of the cluster and this node's own database. Opened before the kernel,
/// because the kernel needs the state machine; attached after it, because the services need the
/// ledger.
public final class StateManager implements Manager {
  private static final int MOST_DIGESTS = 1_000_000;
  private static final int MOST_EVENTS_BEHIND = 2000;
  private static final Duration SAVE_PEERS = Duration.ofSeconds(30);
  private static final Duration COMPARE = Duration.ofSeconds(10);

  private final NodeDatabase database;
  private final ClusterStore store;
  private final Path folder;
  private final StateConfig config;
  private final Ticker ticker;
  private final InstantSource wall = InstantSource.system();
  private final Outbox outbox;
  private final DigestCache digests;
  private final PeerMemory peers;
  private final AtomicLong peerSaves = new AtomicLong();
  private @Nullable Attached attached;

  private record Attached(
      Consensus consensus,
      Membership membership,
      CommandPipeline pipeline,
      Founding founding,
      StateRpc state,
      ModeRpc mode,
      VoterChange voterChange,
      VoterNews voterNews,
      VoterRpc voters,
      EventRpc events,
      DivergenceWatch divergence,
      Reoffers reoffers) {}

  private StateManager(
      NodeDatabase database, ClusterStore store, Path folder, StateConfig config, Ticker ticker) {
    this.database = database;
    this.store = store;
    this.folder = folder;
    this.config = config;
    this.ticker = ticker;
    this.outbox = new SqliteOutbox(database, Outbox.MOST_LETTERS);
    this.digests = new SqliteDigestCache(database, MOST_DIGESTS);
    this.peers = new PeerMemory(database);
  }

  /// Families that the key-value store has to have.
  public static List<String> families() {
    return Stream.concat(Arrays.stream(Family.values()).map(Family::store), Stream.of(Family.META))
        .toList();
  }

  /// Opens the node's database in the folder and loads the replicated state from the store, which
  /// stays the caller's to close.
  ///
  /// @param anew given the damage of a store that cannot be read, sets it aside and answers an
  ///   empty one in its place
  /// @throws Refusal STORAGE_FAILED or STORAGE_CORRUPT
  public static StateManager open(
      Path stateFolder,
      KeyValueStore store,
      Function<Refusal, KeyValueStore> anew,
      StateConfig config,
      Ticker ticker) {
    var cluster = load(store, anew);
    return new StateManager(
        NodeDatabase.open(stateFolder.resolve("node.db")), cluster, stateFolder, config, ticker);
  }

  private static ClusterStore load(KeyValueStore store, Function<Refusal, KeyValueStore> anew) {
    try {
      return new ClusterStore(store);
    } catch (Refusal damage) {
      if (damage.reason() != Reason.STORAGE_CORRUPT) {
        throw damage;
      }
      return new ClusterStore(anew.apply(damage));
    }
  }

  /// What the ledger executes.
  public StateMachine stateMachine() {
    return store;
  }

  /// Whether the voters agreed what the state begins with: before, a leader refuses every command.
  public boolean founded() {
    return store.founded();
  }

  /// Letters that the leader has not acknowledged.
  public Outbox outbox() {
    return outbox;
  }

  /// Digests of files.
  public DigestCache digests() {
    return digests;
  }

  /// Addresses of members as they were before the restart, `host:port`, for finding the others.
  public List<String> knownAddresses() {
    return peers.load().stream()
        .map(PeerMemory.Peer::address)
        .filter(address -> !address.isEmpty())
        .toList();
  }

  /// Where a damaged database file was put when this node opened it.
  public Optional<Path> quarantined() {
    return database.quarantined();
  }

  /// Joins the state to the running kernel. Called once, before `services`.
  public void attach(
      Consensus consensus,
      Membership membership,
      Services services,
      ModeHooks modes,
      VoterHooks voterHooks,
      FenceGate gate) {
    String log = EstateFolder.logOf(modes.mode(), voterHooks.logId());
    var stamps = stamps();
    var pipeline =
        new CommandPipeline(store, consensus.ledger(), stamps, consensus::leadsNow, config);
    boolean voter = consensus.voters().contains(services.self());
    var levels = levels(consensus, membership, voter);
    var modeSwitch =
        new ModeSwitch(consensus, membership, services, pipeline, modes.mode(), ticker);
    var news = new VoterNews(store, consensus, services, voterHooks, modes.mode());
    var sight = new VoterSight(membership, services, ticker);
    var change = new VoterChange(consensus, sight, pipeline, store, voterHooks, news, ticker);
    var reoffers = new Reoffers(services);
    var divergence = new DivergenceWatch(store, consensus, services, pipeline, log);
    store.onDropped(reoffers::offer);
    store.onSwitched(modes.leave());
    attached =
        new Attached(
            consensus,
            membership,
            pipeline,
            new Founding(store, consensus, services, pipeline, log, folder),
            stateRpc(pipeline, levels, stamps, divergence, new EstateFolder(folder, log)),
            new ModeRpc(modeSwitch, modes, gate, voter),
            change,
            news,
            new VoterRpc(change, news, voterHooks),
            new EventRpc(store, MOST_EVENTS_BEHIND),
            divergence,
            reoffers);
  }

  private StateRpc stateRpc(
      CommandPipeline pipeline,
      ReadLevels levels,
      CommandStamps stamps,
      DivergenceWatch divergence,
      EstateFolder estate) {
    return new StateRpc(store, pipeline, levels, stamps, divergence::diverged, estate, config);
  }

  private ReadLevels levels(Consensus consensus, Membership membership, boolean replica) {
    return new ReadLevels(
        replica, store::founded, consensus, membership, ticker, config.defaultDeadline());
  }

  /// Takes office whenever this node leads, from now on. Called once, when this node's services are
  /// served: a new leader asks every voter, itself among them.
  public void begin() {
    Attached now = joined();
    // The subscription ends with the kernel: an event after `close` finds the pipeline harmless.
    var _ = now.consensus().subscribe(event -> onLeadership(now, event));
    var _ = store.watch(_ -> now.voterNews().look());
    now.voterNews().introduce();
  }

  private CommandStamps stamps() {
    var random = new SecureRandom();
    return new CommandStamps(
        new LedgerClock(ticker),
        wall,
        () -> UUID.randomUUID().toString().replace("-", ""),
        () -> random.nextLong() >>> 11 | 1,
        config);
  }

  private static void onLeadership(Attached now, LeadershipEvent event) {
    switch (event) {
      case LeadershipEvent.DutiesOpened(var epoch) -> {
        now.pipeline().open(epoch);
        Thread.ofVirtual()
            .name("founding")
            .start(
                () -> {
                  now.founding().run(epoch);
                  now.voterChange().settle(epoch);
                });
      }
      case LeadershipEvent.DutiesClosed _ -> now.pipeline().close();
      case LeadershipEvent.LeaderKnown _, LeadershipEvent.LeaderUnknown _ -> {}
    }
  }

  private Attached joined() {
    Attached now = attached;
    if (now == null) {
      throw new IllegalStateException("attach comes first");
    }
    return now;
  }

  @Override
  public List<BindableService> services() {
    return List.of(joined().state(), joined().mode(), joined().voters(), joined().events());
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        new LoopSpec(
            "peer_memory",
            SAVE_PEERS,
            SAVE_PEERS,
            false,
            List.of(),
            _ -> savePeers(),
            () -> Map.of("peer_saves", peerSaves.get())),
        new LoopSpec(
            "voter_news",
            VoterNews.EVERY,
            VoterNews.EVERY,
            false,
            List.of(),
            _ -> joined().voterNews().round(),
            Map::of),
        new LoopSpec(
            "state_comparison",
            COMPARE,
            COMPARE,
            false,
            List.of(),
            _ -> joined().divergence().round(),
            () -> Map.of("diverged", (long) divergedReplicas())));
  }

  /// Voters whose state differs, as this voter sees it; 0 on other nodes.
  public int divergedReplicas() {
    Attached now = attached;
    return now == null ? 0 : now.divergence().diverged().size();
  }

  private void savePeers() {
    peers.save(joined().membership().members(), wall.millis());
    peerSaves.incrementAndGet();
  }

  @Override
  public String name() {
    return "StateManager";
  }

  /// SPEC 5.1: the database opens and its file exists.
  @Override
  public Health health() {
    var details = new LinkedHashMap<String, String>();
    details.put("db_path", database.file().toString());
    details.put("applied_index", Long.toString(store.applied().index()));
    details.put("state_hash", store.stateHash());
    store.read(
        state -> {
          details.put("cluster_epoch", Long.toString(state.clock().epoch()));
          details.put(
              "job_count",
              Integer.toString(state.jobs().counts().values().stream().mapToInt(i -> i).sum()));
          return details.put("work_pending", Integer.toString(state.work().pending()));
        });
    return verdict(details);
  }

  /// Who starts unhealthy nodes anew must not touch the voters that are right: they are degraded.
  private Health verdict(Map<String, String> details) {
    Attached now = attached;
    var alarm = now == null ? Optional.<Alarm>empty() : now.divergence().alarm();
    if (alarm.isPresent() && alarm.get().here()) {
      return Health.error(alarm.get().text(), details);
    }
    if (!Files.exists(database.file())) {
      return Health.error("the node's database file is gone; restart the node", details);
    }
    if (alarm.isPresent()) {
      return Health.degraded(alarm.get().text(), details);
    }
    return database
        .quarantined()
        .map(aside -> Health.degraded("a damaged database was set aside as " + aside, details))
        .orElseGet(() -> Health.running(details));
  }

  @Override
  public void close() {
    Attached now = attached;
    if (now != null) {
      now.pipeline().close();
      now.state().close();
      now.events().close();
      now.reoffers().close();
    }
    database.close();
  }
}
