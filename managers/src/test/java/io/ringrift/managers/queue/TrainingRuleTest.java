package io.ringrift.managers.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.placement.v1.RankedNode;
import io.ringrift.placement.v1.ScoreTerm;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TrainingRuleTest {
  private static RankedNode node(String id, double score, double power, String reason) {
    return RankedNode.newBuilder()
        .setNodeId(id)
        .setFeasible(reason.isEmpty())
        .setReason(reason)
        .setScore(score)
        .addTerms(ScoreTerm.newBuilder().setName("gpu_power").setValue(power))
        .build();
  }

  private static Optional<String> better(String worker, RankedNode... nodes) {
    return TrainingRule.better(worker, List.of(nodes)).map(RankedNode::getNodeId);
  }

  @Test
  void theBestOfThoseWithAGreaterScoreIsWaitedFor() {
    var good = node("good", 20, 20, "");
    var best = node("best", 30, 30, "");
    var worker = node("worker", 10, 10, "");
    assertThat(better("worker", good, best, worker)).contains("best");
    assertThat(better("good", good, best, worker)).contains("best");
    assertThat(better("best", good, best, worker)).isEmpty();
  }

  @Test
  void equalsAreAsGoodAsEachOther() {
    assertThat(better("a", node("a", 5, 0, ""), node("b", 5, 0, ""))).isEmpty();
  }

  @Test
  void aBusyNodeIsWaitedForOnlyIfItsGpuIsStronger() {
    var worker = node("worker", 10, 10, "");
    assertThat(better("worker", worker, node("b", 20, 20, "NO_FREE_SLOT"))).contains("b");
    assertThat(better("worker", worker, node("b", 20, 20, "OVERLOADED"))).contains("b");
    assertThat(better("worker", worker, node("b", 10.5, 10, "NO_FREE_SLOT"))).isEmpty();
  }

  @Test
  void nobodyWaitsForANodeThatCannotTakeIt() {
    var worker = node("worker", 10, 10, "");
    for (String reason :
        List.of("NOT_ALIVE", "DRAINING", "TOO_SMALL", "EXCLUDED", "NO_FACTS", "UNHEALTHY_DISK")) {
      assertThat(better("worker", worker, node("b", 20, 20, reason))).isEmpty();
    }
  }

  @Test
  void aWorkerThatIsNotHealthyComesAfterAnyOther() {
    var other = node("b", 1, 0, "");
    assertThat(better("w", node("w", 20, 20, "UNHEALTHY_MEMORY"), other)).contains("b");
    assertThat(better("w", node("w", 20, 20, "OVERLOADED"), other)).isEmpty();
    assertThat(better("w", node("w", 20, 20, "MISSING_WORKLOAD"), other)).isEmpty();
    assertThat(better("w", other)).contains("b");
  }

  @Test
  void tooLittleMemoryAndFactsThatAreNotKnownAreUnfit() {
    assertThat(TrainingRule.unfit("w", List.of(node("w", 1, 0, "TOO_SMALL")))).isPresent();
    assertThat(TrainingRule.unfit("w", List.of(node("w", 1, 0, "NO_FACTS")))).isPresent();
    assertThat(TrainingRule.unfit("w", List.of(node("w", 1, 0, "NO_FREE_SLOT")))).isEmpty();
    assertThat(TrainingRule.unfit("client", List.of())).isEmpty();
  }
}
