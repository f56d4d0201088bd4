package io.ringrift.managers.selfplay;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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
  private static final Pattern ITEM = Pattern.compile("items\\[([0-9]{1,4})]");

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
  private final AtomicLong refused = new AtomicLong();
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
        "requests_repeated", repeated.get(),
        "configs_refused", refused.get());
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
      var _ = submit(again);
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
    var open = open(games, nodes);
    if (open.isEmpty()) {
      nothingToPlay(set, games);
      return;
    }
    var wanted = new Population.Wanted(room, set.items().games(), set.depths().games());
    submitWhatIsTaken(epoch, set, wanted, games, open, nodes);
  }

  /// One configuration that is refused, whatever is wrong with it, does not keep the others from
  /// being played: what is left is drawn again without it.
  private void submitWhatIsTaken(
      Epoch epoch,
      SelfplayConfig set,
      Population.Wanted wanted,
      Map<ConfigKey, Long> games,
      List<Scored> open,
      Claimants nodes) {
    var left = new ArrayList<>(open);
    var causes = new ArrayList<String>();
    while (true) {
      var drawn = Population.plan(wanted, games, left, ports.chance().draws());
      try {
        if (submit(new Sent(epoch, request(epoch, set, drawn, nodes), 0)) && !causes.isEmpty()) {
          last = told(drawn.size()) + "; refused: " + String.join("; ", causes);
        }
        return;
      } catch (Refusal refusal) {
        ConfigKey bad = refusedOf(refusal, drawn).orElseThrow(() -> refusal);
        left.removeIf(scored -> scored.entry().config().equals(bad));
        if (left.isEmpty()) {
          throw refusal;
        }
        refused.incrementAndGet();
        causes.add(bad + ": " + refusal.text());
        LOG.warn("no self-play of {} is queued: {}", bad, refusal.text());
      }
    }
  }

  /// Whose item a refusal names.
  private static Optional<ConfigKey> refusedOf(Refusal refusal, List<Scored> drawn) {
    var named = ITEM.matcher(refusal.details().getOrDefault("field", ""));
    return refusal.reason() == Reason.INVALID_ARGUMENT && named.lookingAt()
        ? Optional.of(drawn.get(Integer.parseInt(named.group(1))).entry().config())
        : Optional.empty();
  }

  /// It rests only when all have their games: a node that can play the others may come any time.
  private void nothingToPlay(SelfplayConfig set, Map<ConfigKey, Long> games) {
    boolean enough =
        set.configs().stream().allMatch(one -> games.getOrDefault(one, 0L) >= set.depths().games());
    if (!enough) {
      last = "no node that is there can play what is configured; selfplay weights tells why";
      return;
    }
    met.incrementAndGet();
    restsUntil = ports.ticker().now().plus(REST);
    restsWith = set;
    last = "every configuration has its games, or will have; rests for five minutes";
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
      Epoch epoch, SelfplayConfig set, List<Scored> drawn, Claimants nodes) {
    round++;
    var request =
        SubmitWorkRequest.newBuilder()
            .setRequestId("selfplay-" + epoch.value() + "-" + round + "-" + seed())
            .setFence(Fence.newBuilder().setEpoch(epoch.value()));
    drawn.forEach(scored -> request.addItems(item(set, scored, nodes)));
    return request.build();
  }

  private WorkSpec item(SelfplayConfig set, Scored scored, Claimants nodes) {
    var items = set.items();
    var entry = scored.entry();
    var model = ports.models().of(entry.config().toString());
    var game = GameItems.Game.configured(items, entry.config(), entry.mode(), model);
    var route = GameItems.Route.of(items, game.engine(), nodes::gpuPlays);
    long memory = set.nodes().memoryBytes(entry.config().board());
    return GameItems.of(game, route, items.games(), seed(), memory);
  }

  /// Positive, so that it reads the same signed and unsigned; 0 would leave the choice to others.
  private long seed() {
    return Math.max(1, ports.chance().seeds().getAsLong() & Long.MAX_VALUE);
  }

  /// @return false when this node leads no more
  private boolean submit(Sent sent) {
    if (!ports.consensus().leadsNow(sent.epoch())) {
      return false;
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
    last = told(items);
    if (items >= TOLD_FROM) {
      LOG.info("the queue was given {} items of self-play", items);
    }
    return true;
  }

  private static String told(int items) {
    return "submitted " + items + " items";
  }
}
