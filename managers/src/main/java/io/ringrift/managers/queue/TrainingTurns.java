package io.ringrift.managers.queue;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.ReadWorkRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who gets a training that waits: the node that suits it best, and not the first that asks (SPEC
/// 5.6). The leader sends the claim of another to the ledger without the capability to train, or
/// for another training alone, so that nothing of the choice is replicated but its outcome. A
/// training is kept for a better node for a while only, counted from when it was first kept: a node
/// that never asks holds up nothing for ever. What is remembered is this leader's alone; the next
/// one begins anew. Safe for any thread; blocks on reads of this node.
final class TrainingTurns {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingTurns.class);

  /// How often those that were denied a training are tried again.
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /// Trainings that one claim is judged for.
  private static final int MOST_LOOKS = 16;

  /// Waiting trainings that are remembered, the newest.
  private static final int MOST_HOLDS = 256;

  private final StateClient state;
  private final WorkRanking ranking;
  private final Supplier<TrainingTerms> terms;
  private final Ticker ticker;
  private final AtomicBoolean troubled = new AtomicBoolean();
  private final AtomicReference<@Nullable Moment> again = new AtomicReference<>();

  /// By item and attempt; guarded by itself.
  private final Map<String, Hold> holds =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Hold> eldest) {
          return size() > MOST_HOLDS;
        }
      };

  /// @param node for whom
  /// @param since when it was first kept for anybody
  private record Hold(String node, Moment since) {}

  /// A training that is kept, and for how much longer at most.
  record Held(String node, Duration remaining) {}

  TrainingTurns(
      StateClient state, WorkRanking ranking, Supplier<TrainingTerms> terms, Ticker ticker) {
    this.state = state;
    this.ranking = ranking;
    this.terms = terms;
    this.ticker = ticker;
  }

  /// For claims that are tried together: nodes are ranked once for all of them, and no training is
  /// meant for two. For one thread.
  Round round() {
    return new Round();
  }

  /// See `round`.
  final class Round {
    private final Map<String, Optional<RankNodesResponse>> rankings = new HashMap<>();
    private final List<String> given = new ArrayList<>();
    private final List<String> train = new ArrayList<>();
    private boolean read;
    private boolean blind;

    /// The claim as it may go to the ledger now: for the first training that is not kept from it,
    /// and no other. Looks at so many only. What cannot be judged is for nobody until it can.
    ClaimWork narrowed(ClaimWorkRequest claim) {
      if (!claim.getCapabilitiesList().contains(WorkRanking.TRAINING)) {
        return whole(claim).build();
      }
      if (!blind) {
        try {
          return withTraining(claim);
        } catch (StatusRuntimeException | Refusal e) {
          blind = true;
          trouble(e);
        }
      }
      return withoutTraining(claim);
    }

    private ClaimWork withTraining(ClaimWorkRequest claim) {
      var passed = new ArrayList<>(given);
      for (int look = 0; look < MOST_LOOKS; look++) {
        Optional<WorkItem> item = wouldGet(claim, passed);
        if (item.isEmpty()) {
          break;
        }
        Optional<RankNodesResponse> ranked = ranked(item.get());
        if (ranked.isEmpty()) {
          return whole(claim).build();
        }
        String id = item.get().getWorkId();
        if (!keeps(item.get(), claim.getWorkerId(), ranked.get())) {
          give(id, claim.getWorkerId());
          return whole(claim).setTrainingId(id).build();
        }
        passed.add(id);
      }
      return withoutTraining(claim);
    }

    private Optional<RankNodesResponse> ranked(WorkItem item) {
      if (!read) {
        train.addAll(training());
        read = true;
      }
      var ranked = rankings.computeIfAbsent(item.getWorkId(), _ -> ranking.of(item, train));
      troubled.set(false);
      return ranked;
    }

    private void give(String id, String worker) {
      given.add(id);
      train.add(worker);
      rankings.clear();
    }
  }

  private void trouble(RuntimeException why) {
    soon();
    boolean ownFault = Context.current().isCancelled();
    if (!ownFault && !troubled.getAndSet(true)) {
      LOG.warn(
          "no training is given out until the nodes can be judged again; other work is: {}",
          why.getMessage());
    }
  }

  private static ClaimWork.Builder whole(ClaimWorkRequest claim) {
    return ClaimWork.newBuilder().setClaim(claim);
  }

  private static ClaimWork withoutTraining(ClaimWorkRequest claim) {
    var others =
        claim.getCapabilitiesList().stream()
            .filter(capability -> !capability.equals(WorkRanking.TRAINING))
            .toList();
    return whole(claim.toBuilder().clearCapabilities().addAllCapabilities(others).build()).build();
  }

  private Optional<WorkItem> wouldGet(ClaimWorkRequest claim, List<String> without) {
    var trains =
        claim.toBuilder().clearCapabilities().addCapabilities(WorkRanking.TRAINING).setMaxItems(1);
    return state
        .read(ReadWorkRequest.newBuilder().setClaim(trains).addAllWithoutWorkIds(without))
        .getItemsList()
        .stream()
        .findFirst();
  }

  /// Who holds a training of the queue, whatever the facts of the nodes say by now.
  List<String> training() {
    return state
        .read(
            ReadWorkRequest.newBuilder()
                .addStates(WorkState.WORK_STATE_CLAIMED)
                .addStates(WorkState.WORK_STATE_RUNNING))
        .getItemsList()
        .stream()
        .filter(item -> item.getSpec().getWorkType().equals(WorkRanking.TRAINING))
        .map(WorkItem::getClaimedBy)
        .distinct()
        .toList();
  }

  private boolean keeps(WorkItem item, String worker, RankNodesResponse ranked) {
    var unfit = TrainingRule.unfit(worker, ranked.getNodesList());
    if (unfit.isPresent()) {
      if (unfit.get().getReason().equals("NO_FACTS")) {
        soon();
      }
      return true;
    }
    var better = TrainingRule.better(worker, ranked.getNodesList());
    return better.isPresent() && held(item, better.get().getNodeId());
  }

  private boolean held(WorkItem item, String node) {
    Moment now = ticker.now();
    synchronized (holds) {
      Hold before = holds.get(key(item));
      Hold hold = new Hold(node, before == null ? now : before.since());
      holds.put(key(item), hold);
      if (left(hold, now).isPositive()) {
        soon();
        return true;
      }
      return false;
    }
  }

  /// What kept a training from somebody passes without a hint of the state.
  private void soon() {
    again.compareAndSet(null, ticker.now().plus(AGAIN));
  }

  /// For whom an item is kept; empty when for nobody.
  Optional<Held> held(WorkItem item) {
    synchronized (holds) {
      return Optional.ofNullable(holds.get(key(item)))
          .map(hold -> new Held(hold.node(), left(hold, ticker.now())))
          .filter(hold -> hold.remaining().isPositive());
    }
  }

  private Duration left(Hold hold, Moment now) {
    return terms.get().patience().minus(now.since(hold.since()));
  }

  private static String key(WorkItem item) {
    return item.getWorkId() + "/" + item.getAttempts();
  }

  /// Whether those that wait should be tried again because one was denied a training a moment ago;
  /// true once a moment.
  boolean due() {
    Moment next = again.get();
    return next != null && !ticker.now().isBefore(next) && again.compareAndSet(next, null);
  }
}
