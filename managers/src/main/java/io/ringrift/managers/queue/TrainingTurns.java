package io.ringrift.managers.queue;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ReadWorkRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Who gets a training that waits: the node that suits it best, and not the first that asks (SPEC
/// 5.6). The leader sends the claim of another to the ledger without the capability to train, so
/// that nothing of the choice is replicated but its outcome. A training is kept for a better node
/// for a while only, counted from when it was first kept: a node that never asks holds up nothing
/// for ever. What is remembered is this leader's alone; the next one begins anew. Safe for any
/// thread; blocks on reads of this node.
final class TrainingTurns {
  /// How often those that were denied a training are tried again.
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /// Waiting trainings that are remembered, the newest.
  private static final int MOST_HOLDS = 256;

  private final StateClient state;
  private final WorkRanking ranking;
  private final Supplier<TrainingTerms> terms;
  private final Ticker ticker;
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

  /// The claim as it may go to the ledger now. Looks at the one training that the claim would get,
  /// so it is for one item then: who gets the next is asked anew.
  ///
  /// @throws Refusal when this node cannot be read
  ClaimWorkRequest narrowed(ClaimWorkRequest claim) {
    if (!claim.getCapabilitiesList().contains(WorkRanking.TRAINING)) {
      return claim;
    }
    try {
      Optional<WorkItem> item = wouldGet(claim);
      if (item.isEmpty()) {
        return withoutTraining(claim);
      }
      Optional<RankNodesResponse> ranked = ranking.of(item.get(), training());
      if (ranked.isEmpty()) {
        return claim;
      }
      return keeps(item.get(), claim.getWorkerId(), ranked.get())
          ? withoutTraining(claim)
          : claim.toBuilder().setMaxItems(1).build();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private static ClaimWorkRequest withoutTraining(ClaimWorkRequest claim) {
    var others =
        claim.getCapabilitiesList().stream()
            .filter(capability -> !capability.equals(WorkRanking.TRAINING))
            .toList();
    return claim.toBuilder().clearCapabilities().addAllCapabilities(others).build();
  }

  private Optional<WorkItem> wouldGet(ClaimWorkRequest claim) {
    var trains =
        claim.toBuilder().clearCapabilities().addCapabilities(WorkRanking.TRAINING).setMaxItems(1);
    return state.read(ReadWorkRequest.newBuilder().setClaim(trains)).getItemsList().stream()
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
    if (TrainingRule.unfit(worker, ranked.getNodesList()).isPresent()) {
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
        again.compareAndSet(null, now.plus(AGAIN));
        return true;
      }
      return false;
    }
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
