package io.ringrift.managers.selfplay;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.selfplay.Weights.Scored;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps self-play in the queue, at the leader: a round reads how deep the queue is and adds what
/// is missing. It submits at this node, as any client would, but with its epoch's fence, so that
/// the ledger refuses a leader of before. A request whose fate is not known is repeated word by
/// word, under its request id, before another is made. Rounds run one at a time.
final class QueuePopulator {
  static final String NAME = "queue_populator";

  private static final Logger LOG = LoggerFactory.getLogger(QueuePopulator.class);
  private static final java.time.Duration REST = java.time.Duration.ofMinutes(5);
  private static final java.time.Duration FIRST = java.time.Duration.ofSeconds(5);
  private static final int MOST_REPEATS = 5;
  private static final int TOLD_FROM = 10;

  /// After these nobody knows whether the request was carried out, or will be.
  private static final Set<Reason> UNKNOWN_FATE =
      Set.of(
          Reason.OUTCOME_UNKNOWN,
          Reason.DEADLINE_EXCEEDED,
          Reason.UNREACHABLE,
          Reason.NO_QUORUM,
          Reason.INTERNAL);

  /// Chance, handed in: numbers of 64 bits for seeds, and uniform ones in [0, 1) to draw with.
  record Chance(LongSupplier seeds, DoubleSupplier draws) {}

  /// What it reads and whom it asks.
  record Ports(
      Consensus consensus,
      QueueSight queue,
      NodeViews nodes,
      EventFeed feed,
      Scores scores,
      GameCounts games,
      BestModel models,
      Ticker ticker,
      Chance chance) {}

  private final Supplier<SelfplayConfig> config;
  private final Ports ports;
  private final AtomicLong submitted = new AtomicLong();
  private final AtomicLong deep = new AtomicLong();
  private final AtomicLong met = new AtomicLong();
  private final AtomicLong waited = new AtomicLong();
  private final AtomicLong repeated = new AtomicLong();
  private volatile String last = "no round yet";

  // Used by the loop's thread only.
  private @Nullable Sent unsettled;
  private Moment restsUntil = Moment.MIN;
  private @Nullable SelfplayConfig restsWith;
  private long round;

  /// @param tries times that it was sent without an answer that tells its fate
  private record Sent(Epoch epoch, SubmitWorkRequest request, int tries) {
    Sent again() {
      return new Sent(epoch, request, tries + 1);
    }
  }

  /// @param config asked anew every round
  QueuePopulator(Supplier<SelfplayConfig> config, Ports ports) {
    this.config = config;
    this.ports = ports;
  }

  LoopSpec loop() {
    return new LoopSpec(
        NAME,
        config.get().interval(),
        FIRST,
        true,
        List.of("manifest_collection"),
        epoch -> epoch.ifPresent(this::round),
        this::counters);
  }

  Map<String, Long> counters() {
    return Map.of(
        "items_submitted", submitted.get(),
        "rounds_deep_enough", deep.get(),
        "rounds_targets_met", met.get(),
        "rounds_without_manifests", waited.get(),
        "requests_repeated", repeated.get());
  }

  /// What the last round did, for people.
  String last() {
    return last;
  }

  /// One round.
  void round(Epoch epoch) {
    var set = config.get();
    if (!set.enabled()) {
      last = "self-play is not enabled";
      return;
    }
    if (ports.ticker().now().isBefore(restsUntil) && set.equals(restsWith)) {
      return;
    }
    var nodes = new Claimants(ports.nodes().views());
    var depth = depth(set, nodes);
    int room = depth.room(set.depths());
    if (room == 0) {
      deep.incrementAndGet();
      String away = depth.stranded() + " of them for nodes that are not there";
      last =
          "the queue is deep enough: "
              + depth.waiting()
              + " items wait"
              + (depth.stranded() > 0 ? ", " + away : "");
      return;
    }
    var again = unsettled;
    unsettled = null;
    if (again != null && again.epoch().equals(epoch) && again.request().getItemsCount() <= room) {
      repeated.incrementAndGet();
      submit(again);
      return;
    }
    plan(epoch, set, room, nodes);
  }

  /// Items that nobody may claim now, as those for a GPU that died, would keep all others idle.
  /// They count where no node plays at all: there nothing is gained by more.
  private QueueSight.Depth depth(SelfplayConfig set, Claimants nodes) {
    boolean plays = nodes.anyPlays(set.items());
    return ports.queue().depth(2 * set.depths().target(), spec -> plays && !nodes.mayClaim(spec));
  }

  private void plan(Epoch epoch, SelfplayConfig set, int room, Claimants nodes) {
    var held = ports.games().byConfig();
    if (held.isEmpty()) {
      waited.incrementAndGet();
      last = "waits for the manifests of the cluster";
      return;
    }
    ports.feed().refresh();
    var games = new HashMap<>(ports.queue().gamesOnTheWay());
    for (ConfigKey one : set.configs()) {
      games.merge(one, held.get().getOrDefault(one.toString(), 0L), Long::sum);
    }
    var wanted = new Population.Wanted(room, set.items().games(), set.depths().games());
    var drawn = Population.plan(wanted, games, open(games, nodes), ports.chance().draws());
    if (drawn.isEmpty()) {
      met.incrementAndGet();
      restsUntil = ports.ticker().now().plus(REST);
      restsWith = set;
      last = "every configuration has its games, or will have; rests for five minutes";
      return;
    }
    submit(new Sent(epoch, request(epoch, set.items(), drawn, nodes), 0));
  }

  private List<Scored> open(Map<ConfigKey, Long> games, Claimants nodes) {
    var open = new ArrayList<Scored>();
    for (Scores.OfConfig one : ports.scores().read()) {
      long expected = games.getOrDefault(one.config(), 0L);
      one.entries().stream()
          .filter(scored -> ports.scores().obstacle(scored, nodes, expected).isEmpty())
          .forEach(open::add);
    }
    return open;
  }

  private SubmitWorkRequest request(
      Epoch epoch, SelfplayConfig.Items items, List<Scored> drawn, Claimants nodes) {
    round++;
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId("selfplay-" + epoch.value() + "-" + round + "-" + seed())
            .setFence(Fence.newBuilder().setEpoch(epoch.value()));
    drawn.forEach(scored -> request.addItems(item(items, scored, nodes)));
    return request.build();
  }

  private WorkSpec item(SelfplayConfig.Items items, Scored scored, Claimants nodes) {
    var entry = scored.entry();
    var model = ports.models().of(entry.config().toString());
    var game = GameItems.Game.configured(items, entry.config(), entry.mode(), model);
    var route = GameItems.Route.of(items, game.engine(), nodes::gpuPlays);
    return GameItems.of(game, route, items.games(), seed());
  }

  /// Positive, so that it reads the same signed and unsigned; 0 would leave the choice to others.
  private long seed() {
    return Math.max(1, ports.chance().seeds().getAsLong() & Long.MAX_VALUE);
  }

  private void submit(Sent sent) {
    if (!ports.consensus().leadsNow(sent.epoch())) {
      return;
    }
    int items = sent.request().getItemsCount();
    try {
      var answer = ports.queue().stub().submitWork(sent.request());
      if (!answer.getDuplicate()) {
        submitted.addAndGet(items);
      }
    } catch (StatusRuntimeException e) {
      var refusal = Errors.fromStatus(e);
      boolean unknown = UNKNOWN_FATE.contains(refusal.reason());
      unsettled = unknown && sent.tries() < MOST_REPEATS ? sent.again() : null;
      last = "could not submit " + items + " items: " + refusal.text();
      throw refusal;
    }
    last = "submitted " + items + " items";
    if (items >= TOLD_FROM) {
      LOG.info("the queue was given {} items of self-play", items);
    }
  }
}
