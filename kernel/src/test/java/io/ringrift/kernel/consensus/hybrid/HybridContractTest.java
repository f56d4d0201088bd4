package io.ringrift.kernel.consensus.hybrid;

import static io.ringrift.kernel.consensus.raft.RaftTrio.id;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ConsensusContract;
import io.ringrift.kernel.consensus.raft.RaftConsensus;
import io.ringrift.kernel.consensus.raft.RaftTrio;
import io.ringrift.kernel.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HybridContractTest extends ConsensusContract {
  private static final Map<NodeId, Integer> PRIORITIES = Map.of(id(1), 0, id(2), 9, id(3), 0);

  /// Nobody is known to be alive in the contract: what Raft decides has to do.
  private final Set<NodeId> alive = ConcurrentHashMap.newKeySet();

  /// How many of the next rounds, of any voter, fail.
  private final AtomicInteger failures = new AtomicInteger();

  @Override
  protected Trio open(Path root, int snapshotEvery) {
    return new RaftTrio(root, snapshotEvery).behind(this::hybrid);
  }

  private HybridConsensus hybrid(RaftConsensus raft) {
    var settings =
        new HybridConsensus.Settings(
            raft.self(), PRIORITIES, Duration.ofMillis(300), Duration.ofSeconds(1), this::whoLives);
    return HybridConsensus.over(raft, settings, Ticker.system());
  }

  private Set<NodeId> whoLives() {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("planted by the test");
    }
    return alive;
  }

  /// As Ratis does, when it closed its log in the middle.
  @Test
  void roundsThatFailDoNotEndThePreference() {
    failures.set(6);
    IntStream.rangeClosed(1, 3).forEach(this::start);
    await().atMost(PATIENCE).until(() -> failures.get() == 0);
    alive.addAll(PRIORITIES.keySet());
    await()
        .atMost(PATIENCE)
        .until(() -> leader().consensus().leadership().leader().equals(Optional.of(id(2))));
  }

  @Test
  void thePreferredVoterComesToLeadAndNoOtherUntilItIsGone() {
    IntStream.rangeClosed(1, 3).forEach(this::start);
    leader();
    alive.addAll(PRIORITIES.keySet());
    await()
        .atMost(PATIENCE)
        .until(() -> leader().consensus().leadership().leader().equals(Optional.of(id(2))));
    alive.remove(id(2));
    stop(2);
    await()
        .atMost(PATIENCE)
        .until(() -> !leader().consensus().leadership().leader().equals(Optional.of(id(2))));
  }
}
