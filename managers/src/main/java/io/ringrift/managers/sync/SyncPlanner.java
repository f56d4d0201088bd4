package io.ringrift.managers.sync;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.DigestCache;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Data sync: every node scans its files and serves them; the leader plans what must move and asks
/// the receivers to pull. Thread-safe; its loops and calls block on disk and network.
public final class SyncPlanner implements Manager {
  /// Transfers that failed are planned anew after 1 to 30 s: one target that is broken must not
  /// hold the others up for longer.
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /// SPEC 5.3: a last sync older than this is a degraded one.
  private static final Duration OLD_SYNC = Duration.ofMinutes(30);

  /// SPEC 6, training_sync.
  private static final Duration TRAINING_INTERVAL = Duration.ofMinutes(5);

  private static final Duration TRAINING_FIRST_PAUSE = Duration.ofSeconds(30);
  private static final Duration TRAINING_LONGEST_PAUSE = Duration.ofMinutes(10);

  private static final Duration GC_INTERVAL = Duration.ofHours(1);

  private final Consensus consensus;
  private final SyncConfig config;
  private final Ticker ticker;
  private final SyncCounters counters;
  private final ManifestScanner scanner;
  private final SyncLeader leader;
  private final GarbageRounds garbage;
  private final Leftovers leftovers;
  private final SyncRpc rpc;

  public SyncPlanner(
      Services services,
      Membership membership,
      Consensus consensus,
      FenceGate gate,
      DigestCache cache,
      SyncConfig config,
      Ticker ticker) {
    this.consensus = consensus;
    this.config = config;
    this.ticker = ticker;
    this.counters = new SyncCounters(ticker);
    var paths = SafePath.under(config.dataRoot());
    this.scanner = new ManifestScanner(services.self(), paths, cache, ManifestScanner.MOST_FILES);
    var manifests = new ManifestCollection(services, membership, config.requestTimeout(), counters);
    this.leader =
        new SyncLeader(services, membership, consensus, config, ticker, counters, manifests);
    var underway = new Underway();
    var events = new SyncEvents(services, counters);
    var bad = new BadSources(ticker, events, counters);
    var intake = new Intake(config, ticker);
    var receivers = receivers(config, paths, cache, underway, bad, intake);
    var puller = new FilePuller(services, membership, gate, receivers, counters, intake);
    var own = puller.with(receivers(config.fetching(), paths, cache, underway, bad, intake));
    var pins = new Pins(ticker);
    var held = new HeldFiles(paths, cache, underway, pins);
    var aside = new Aside(paths, held, scanner);
    var fetcher = new FileFetcher(services, membership, held, own, aside, config, ticker);
    var quarantine = new Quarantine(paths, scanner, underway, fetcher, events, counters);
    var targets = new SyncTargets(services, membership, config);
    var here = new Verification(services.self(), paths, scanner, quarantine);
    var all = new ClusterVerification(services, membership, here, manifests, targets, config);
    var cluster = new ClusterFiles(leader, manifests, targets, config.manifestInterval());
    this.leftovers = leftovers(paths, underway);
    var named = new SyncRpc.Named(held, fetcher, cluster, bad, leftovers);
    var senders = new SyncRpc.Senders(new FileSender(paths, cache), new PackSender(paths));
    var source = new GarbageSource(services, config.gc(), paths, scanner, Instant::now);
    var parts = new GarbageCollector.Parts(scanner, underway, pins, source, targets);
    this.garbage = GarbageRounds.of(services, membership, config, ticker, counters, parts);
    this.rpc = new SyncRpc(scanner, leader, puller, senders, all, named, garbage);
  }

  private Leftovers leftovers(SafePath paths, Underway underway) {
    return new Leftovers(paths, underway, scanner, config.partialAge(), counters, Instant::now);
  }

  private static FilePuller.Receivers receivers(
      SyncConfig config,
      SafePath paths,
      DigestCache cache,
      Underway underway,
      BadSources bad,
      Intake intake) {
    var space = Space.disk();
    return new FilePuller.Receivers(
        new FileTransfer(paths, cache, config, space, underway, bad, intake),
        new PackReceiver(paths, cache, config, space, underway, bad, intake));
  }

  @Override
  public String name() {
    return "SyncPlanner";
  }

  @Override
  public List<BindableService> services() {
    return List.of(rpc);
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        new LoopSpec(
            "manifest_collection",
            config.manifestInterval(),
            Duration.ZERO,
            false,
            List.of(),
            this::collect,
            counters::read),
        new LoopSpec(
                "data_sync",
                config.syncInterval(),
                config.syncInterval(),
                true,
                List.of("manifest_collection"),
                this::sync,
                counters::read)
            .pausingAtMost(LONGEST_PAUSE),
        new LoopSpec(
                "training_sync",
                TRAINING_INTERVAL,
                TRAINING_INTERVAL,
                true,
                List.of("manifest_collection"),
                this::pushTrainingData,
                counters::read)
            .pausing(TRAINING_FIRST_PAUSE, TRAINING_LONGEST_PAUSE),
        new LoopSpec(
            "garbage_collection",
            GC_INTERVAL,
            GC_INTERVAL,
            false,
            List.of("manifest_collection"),
            this::collectGarbage,
            counters::read));
  }

  /// Digest and number of files of the last scan, for the facts that this node gossips.
  public ManifestSummary summary() {
    var latest = scanner.latest();
    return new ManifestSummary(latest.getDigest(), latest.getFilesCount(), latest.getTotalGames());
  }

  /// Self-play games of the cluster by configuration, each content once; empty but at a leader that
  /// has collected the manifests.
  public Optional<Map<String, Long>> games() {
    return leader.games();
  }

  /// @param digest hexadecimal; empty before the first scan
  public record ManifestSummary(String digest, long files, long games) {}

  private void collect(Optional<Epoch> epoch) throws InterruptedException {
    if (consensus.leadsNow(consensus.leadership().epoch())) {
      leader.collect();
    } else {
      leader.forget();
      counters.recent().forget();
      scanner.scan();
    }
    leftovers.sweep();
  }

  private void sync(Optional<Epoch> epoch) throws InterruptedException {
    if (epoch.isPresent() && consensus.leadsNow(epoch.get())) {
      leader.round(epoch.get());
    }
  }

  private void pushTrainingData(Optional<Epoch> epoch) throws InterruptedException {
    if (epoch.isPresent() && consensus.leadsNow(epoch.get())) {
      leader.trainingRound(epoch.get());
    }
  }

  private void collectGarbage(Optional<Epoch> epoch) throws InterruptedException {
    if (config.gc().enabled()) {
      garbage.round();
    }
  }

  @Override
  public Health health() {
    Map<String, String> details = new TreeMap<>();
    counters.read().forEach((name, count) -> details.put(name, count.toString()));
    var health = counters.recent().health(details);
    boolean old =
        counters
            .lastSync()
            .filter(at -> ticker.now().since(at).compareTo(OLD_SYNC) > 0)
            .isPresent();
    boolean leads = consensus.leadsNow(consensus.leadership().epoch());
    return health.status() == Health.Status.RUNNING && leads && old
        ? Health.degraded(
            "last sync is older than "
                + OLD_SYNC.toMinutes()
                + " minutes"
                + (leader.fails() ? "; copies to some nodes fail, see `sync status`" : ""),
            details)
        : health;
  }

  @Override
  public void close() {
    leader.close();
  }
}
