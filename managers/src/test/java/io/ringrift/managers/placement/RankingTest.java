package io.ringrift.managers.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RankingTest {
  private final Ranking ranking = new Ranking(PlacementLimits.spec());

  private static NodeSnapshot node(String id, int gpus, String gpuName, int running) {
    return new NodeSnapshot(
        id,
        true,
        false,
        false,
        true,
        new NodeSnapshot.Machine(16, 64L << 30, gpus, gpuName),
        new NodeSnapshot.Load(10, 20, 30, 0.5, 0.5, 0, running, 0, running, 4),
        Set.of("selfplay"),
        Set.of("hex"));
  }

  private static Demand mode(String mode) {
    return new Demand("selfplay", "hex", mode, 0, 0, 0, "", Set.of());
  }

  private List<String> feasible(List<NodeSnapshot> nodes, Demand demand) {
    return ranking.rank(nodes, demand, Map.of()).nodes().stream()
        .filter(Judgement::feasible)
        .map(Judgement::nodeId)
        .toList();
  }

  private Judgement judge(NodeSnapshot node, Demand demand) {
    return ranking.rank(List.of(node), demand, Map.of()).nodes().getFirst();
  }

  @Test
  void grace200IsNoH200AndMemoryBuysNoScore() {
    assertThat(PowerTable.gpu(node("a", 1, "NVIDIA GH200 480GB", 0))).isEqualTo(1900);
    assertThat(PowerTable.gpu(node("a", 1, "NVIDIA H200", 0))).isEqualTo(2500);
    assertThat(PowerTable.gpu(node("a", 2, "NVIDIA H100 80GB HBM3", 0))).isEqualTo(4000);
    assertThat(PowerTable.gpu(node("a", 1, "NVIDIA A10G", 0))).isEqualTo(250);
    assertThat(PowerTable.gpu(node("a", 1, "Strange", 0))).isEqualTo(10);
    assertThat(PowerTable.gpu(node("a", 0, "", 0))).isZero();
  }

  @Test
  void providersWeighProcessors() {
    assertThat(PowerTable.cpu(node("vast-1", 0, "", 0))).isEqualTo(24);
    assertThat(PowerTable.cpu(node("lambda-1", 0, "", 0))).isEqualTo(8);
    assertThat(PowerTable.cpu(node("aws-cpu-1", 0, "", 0))).isEqualTo(16 * 1.2);
  }

  @Test
  void loadScoreIsTheFormulaOfTheSpec() {
    assertThat(node("a", 0, "", 2).loadScore()).isEqualTo(0.4 * 10 + 0.3 * 20 + 0.3 * 25);
  }

  @Test
  void gpuModesGoToCudaNodesOnly() {
    var nodes = List.of(node("cpu", 0, "", 0), node("gpu", 1, "H100", 0), node("mac", 1, "MPS", 0));
    assertThat(feasible(nodes, mode("gumbel-mcts"))).containsExactly("gpu");
    assertThat(judge(nodes.getFirst(), mode("gumbel-mcts")).reason()).isEqualTo("NO_GPU_NODE");
    assertThat(feasible(nodes, mode("maxn"))).hasSize(3);
  }

  @Test
  void cpuWorkKeepsOffGpuNodesWhileThereAreOthers() {
    assertThat(
            feasible(
                List.of(node("a-gpu", 1, "H100", 0), node("b-cpu", 0, "", 0)), mode("heuristic")))
        .containsExactly("b-cpu", "a-gpu");
  }

  @Test
  void equalNodesAreOrderedByIdAndABusierOneComesLater() {
    var nodes = List.of(node("c", 0, "", 0), node("a", 0, "", 1), node("b", 0, "", 0));
    assertThat(feasible(nodes, mode("random"))).containsExactly("b", "c", "a");
  }

  @Test
  void jobsOnTheirWaySpreadAndFillSlots() {
    var nodes = List.of(node("a", 0, "", 0), node("b", 0, "", 0));
    assertThat(ranking.rank(nodes, mode("random"), Map.of("a", 1)).nodes().getFirst().nodeId())
        .isEqualTo("b");
    assertThat(ranking.rank(List.of(nodes.getFirst()), mode("random"), Map.of("a", 4)).nodes())
        .singleElement()
        .satisfies(j -> assertThat(j.reason()).isEqualTo("NO_FREE_SLOT"));
  }

  @Test
  void reasonsAreTold() {
    var fit = node("a", 0, "", 0);
    assertThat(judge(NodeSnapshot.unheard("a", false, false, false), mode("random")).reason())
        .isEqualTo("NOT_ALIVE");
    assertThat(judge(NodeSnapshot.unheard("a", true, false, false), mode("random")).reason())
        .isEqualTo("NO_FACTS");
    assertThat(judge(fit, new Demand("training", "", "", 0, 0, 0, "", Set.of())).reason())
        .isEqualTo("MISSING_CAPABILITY");
    assertThat(judge(fit, new Demand("", "other", "", 0, 0, 0, "", Set.of())).reason())
        .isEqualTo("MISSING_WORKLOAD");
    assertThat(judge(fit, new Demand("", "", "", 0, 0, 0, "b", Set.of())).reason())
        .isEqualTo("NOT_TARGET");
    assertThat(judge(fit, new Demand("", "", "", 0, 0, 0, "", Set.of("a"))).reason())
        .isEqualTo("EXCLUDED");
    assertThat(judge(node("a", 0, "", 4), mode("random")).reason()).isEqualTo("NO_FREE_SLOT");
  }

  private static NodeSnapshot trainer(
      String id, int gpus, String gpuName, double cpuPercent, int training) {
    return new NodeSnapshot(
        id,
        true,
        false,
        false,
        true,
        new NodeSnapshot.Machine(16, 64L << 30, gpus, gpuName),
        new NodeSnapshot.Load(cpuPercent, 20, 30, 0.5, 0.5, 0, 0, training, training, 4),
        Set.of("training"),
        Set.of("hex"));
  }

  private static final Demand TRAINING =
      new Demand("training", "hex", "", 0, 0, 8L << 30, "", Set.of());

  @Test
  void aTrainingGoesByGpuThenByLoadAndPrefersNodesWithoutOne() {
    var nodes =
        List.of(
            trainer("cpu", 0, "", 0, 0),
            trainer("busy", 1, "H100", 60, 0),
            trainer("idle", 1, "H100", 0, 0),
            trainer("weak", 1, "3060", 0, 0),
            trainer("trains", 8, "H200", 0, 1),
            trainer("mac", 1, "Apple M3", 0, 0));
    assertThat(feasible(nodes, TRAINING))
        .containsExactly("idle", "busy", "weak", "trains", "cpu", "mac");
  }

  @Test
  void loadsThatHardlyDifferAreAsGoodAsEachOther() {
    var nodes = List.of(trainer("a", 1, "H100", 22, 0), trainer("b", 1, "H100", 12, 0));
    assertThat(ranking.rank(nodes, TRAINING, Map.of()).nodes())
        .extracting(Judgement::score)
        .satisfies(scores -> assertThat(scores.getFirst()).isEqualTo(scores.getLast()));
  }

  @Test
  void aTrainingThatFactsDoNotShowYetCounts() {
    var node = trainer("a", 1, "H100", 0, 0);
    assertThat(judge(node.training(), TRAINING).score()).isLessThan(judge(node, TRAINING).score());
  }

  @Test
  void unblockNamesTheCheapestChange() {
    var full = node("a", 0, "", 4);
    var dead = NodeSnapshot.unheard("b", false, false, false);
    assertThat(ranking.rank(List.of(dead, full), mode("random"), Map.of()).unblock())
        .contains("wait for a job on a to end");
    assertThat(ranking.rank(List.of(), mode("random"), Map.of()).unblock())
        .contains("start a node");
    assertThat(ranking.rank(List.of(node("a", 0, "", 0)), mode("random"), Map.of()).unblock())
        .isEmpty();
  }

  @Test
  void memoryThatIsNotKnownIsNotTooLittle() {
    var node = node("a", 0, "", 0);
    var untold =
        new NodeSnapshot(
            "a",
            true,
            false,
            false,
            true,
            new NodeSnapshot.Machine(16, 0, 0, ""),
            node.load(),
            node.capabilities(),
            node.workloads());
    var gibibyte = new Demand("selfplay", "hex", "", 0, 0, 1L << 30, "", Set.of());
    assertThat(judge(untold, gibibyte).reason()).isEqualTo("NO_FACTS");
    assertThat(judge(untold, mode("heuristic")).feasible()).isTrue();
  }
}
