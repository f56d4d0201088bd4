package io.ringrift.managers.selfplay;

import io.grpc.BindableService;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The self-play scheduler: SelfplayService on every node; a loop that follows the events of the
/// ledger, and at the leader those that fill the queue and tell how targets move. The loops do
/// nothing while self-play is not enabled.
public final class SelfplayManager implements Manager {
  private static final Duration EVENTS = Duration.ofSeconds(30);
  private static final double BITS = 0x1.0p-53;

  private final Consensus consensus;
  private final Supplier<SelfplayConfig> config;
  private final EventFeed feed;
  private final QueueSight queue;
  private final QueuePopulator populator;
  private final TargetWatch watch;
  private final SelfplayRpc rpc;
  private volatile Diversity diversity = Diversity.NONE;

  /// What others know.
  ///
  /// @param seeds chance, 64 bits at a call; any thread
  public record Inputs(GameCounts games, BestModel models, Ticker ticker, LongSupplier seeds) {}

  /// @param config what is configured now, any thread; the gap between rounds is that of the start
  public SelfplayManager(
      Consensus consensus,
      Membership membership,
      Services services,
      Supplier<SelfplayConfig> config,
      Inputs inputs) {
    this.consensus = consensus;
    this.config = config;
    this.feed = new EventFeed(services, inputs.ticker());
    this.queue = new QueueSight(services);
    var nodes = new NodeViews(services, config);
    var scores = new Scores(services, config, feed, inputs.games());
    var chance =
        new QueuePopulator.Chance(inputs.seeds(), () -> (inputs.seeds().getAsLong() >>> 11) * BITS);
    this.populator =
        new QueuePopulator(
            config,
            new QueuePopulator.Ports(
                consensus,
                queue,
                nodes,
                feed,
                scores,
                inputs.games(),
                inputs.models(),
                inputs.ticker(),
                chance));
    this.watch =
        new TargetWatch(
            services, consensus, scores, nodes, config.get().interval(), inputs.ticker());
    var orders = new GameOrders(services, config, inputs.models(), inputs.seeds());
    this.rpc =
        new SelfplayRpc(
            services,
            new LeaderHint(consensus, membership),
            config,
            new SelfplayParts(feed, scores, nodes, queue, inputs.models(), populator, orders));
  }

  @Override
  public List<BindableService> services() {
    return List.of(rpc);
  }

  @Override
  public List<LoopSpec> loops() {
    var follow =
        new LoopSpec(
            "selfplay_events",
            EVENTS,
            Duration.ZERO,
            false,
            List.of(),
            _ -> follow(),
            () -> Map.of("events_heard", feed.heard()));
    return List.of(follow, populator.loop(), watch.loop(() -> config.get().enabled()));
  }

  private void follow() {
    if (!config.get().enabled()) {
      return;
    }
    feed.refresh();
    diversity = queue.recent(ReadConsistency.READ_CONSISTENCY_STALE).diversity();
  }

  @Override
  public String name() {
    return "SelfplayScheduler";
  }

  /// SPEC 5.5: without the events it is DEGRADED; at the leader while nobody plays, too.
  @Override
  public Health health() {
    var details = new TreeMap<String, String>();
    var set = config.get();
    details.put("enabled", Boolean.toString(set.enabled()));
    details.put("configs", Integer.toString(set.configs().size()));
    var seen = diversity;
    details.put(
        "diversity_metrics",
        seen.items()
            + " items, "
            + seen.byConfig().size()
            + " configurations, "
            + seen.byMode().size()
            + " engine modes, asymmetric "
            + Math.round(100 * seen.asymmetricRatio())
            + " %");
    details.put("active_exploration_boosts", Long.toString(feed.exploring()));
    populator.counters().forEach((name, count) -> details.put(name, count.toString()));
    boolean deaf = set.enabled() && !feed.reads();
    if (deaf) {
      return Health.degraded("the events of the ledger were not read", details);
    }
    boolean leads = consensus.leadsNow(consensus.leadership().epoch());
    String lack = leads ? watch.lack() : "";
    return lack.isEmpty() ? Health.running(details) : Health.degraded(lack, details);
  }

  @Override
  public void close() {
    // Its loops and calls end with the node.
  }
}
