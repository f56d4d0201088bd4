package io.ringrift.managers.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.managers.placement.NodeChoice.Question;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The choices of SPEC 5.2.
final class NodeChoiceTest {
  private static NodeSnapshot node(String id, int cpus, String gpu, int trainings) {
    return new NodeSnapshot(
        id,
        true,
        false,
        false,
        true,
        new NodeSnapshot.Machine(cpus, 64L << 30, gpu.isEmpty() ? 0 : 1, gpu),
        new NodeSnapshot.Load(10, 20, 30, 0.5, 0.5, 0, 0, trainings, trainings, 4),
        Set.of(),
        Set.of("hex"));
  }

  private static NodeSnapshot training(String id, String gpu, int trainings) {
    return node(id, 16, gpu, trainings);
  }

  private static NodeSnapshot draining(NodeSnapshot node) {
    return new NodeSnapshot(
        node.nodeId(),
        true,
        false,
        true,
        true,
        node.machine(),
        node.load(),
        node.capabilities(),
        node.workloads());
  }

  private static NodeChoice among(NodeSnapshot... nodes) {
    return new NodeChoice(List.of(nodes), PlacementLimits.spec());
  }

  private static List<String> chosen(NodeChoice choice, Question question) {
    return choice.choose(question).stream()
        .filter(Judgement::feasible)
        .map(Judgement::nodeId)
        .toList();
  }

  private static List<String> chosen(NodeChoice choice, Task task) {
    return chosen(choice, Question.of(task));
  }

  private static Map<String, String> reasons(NodeChoice choice, Task task) {
    return choice.choose(Question.of(task)).stream()
        .filter(judged -> !judged.feasible())
        .collect(Collectors.toMap(Judgement::nodeId, Judgement::reason));
  }

  @Test
  void exclusionsOfTrainingAreDroppedWhenNobodyElseIsLeft() {
    var choice = among(training("a", "H100", 0), training("b", "A100", 0));
    assertThat(chosen(choice, Task.TRAINING)).containsExactly("a", "b");
    assertThat(chosen(choice, new Question(Task.TRAINING, "", Set.of("a")))).containsExactly("b");
    assertThat(chosen(choice, new Question(Task.TRAINING, "", Set.of("a", "b"))))
        .containsExactly("a", "b");
  }

  @Test
  void theOnlyNodeIsTakenThoughItIsExcludedAndTrains() {
    var choice = among(training("a", "H100", 1));
    assertThat(chosen(choice, new Question(Task.TRAINING, "", Set.of("a")))).containsExactly("a");
  }

  @Test
  void trainingNodesAreAvoidedAndNoneIsNone() {
    var choice = among(training("a", "H100", 1), training("b", "A100", 0));
    assertThat(chosen(choice, Task.TRAINING)).containsExactly("b");
    assertThat(reasons(choice, Task.TRAINING)).containsEntry("a", "TRAINS_ALREADY");
    assertThat(chosen(among(), Task.TRAINING)).isEmpty();
  }

  @Test
  void deadNodesAreRankedByTheirGpusOnly() {
    var dead =
        new NodeSnapshot(
            "d",
            false,
            false,
            false,
            true,
            new NodeSnapshot.Machine(16, 64L << 30, 1, "H200"),
            NodeSnapshot.Load.UNKNOWN,
            Set.of(),
            Set.of());
    var choice =
        among(training("a", "3060", 0), training("b", "H100", 0), node("c", 8, "", 0), dead);
    assertThat(chosen(choice, Task.GPUS)).containsExactly("d", "b", "a");
    assertThat(chosen(choice, Task.TRAINING_PRIMARIES)).containsExactly("b", "a");
    assertThat(reasons(choice, Task.TRAINING_PRIMARIES))
        .containsOnly(Map.entry("c", "NO_GPU_NODE"), Map.entry("d", "NOT_ALIVE"));
    assertThat(chosen(choice, Task.CPUS)).doesNotContain("d");
  }

  @Test
  void processorsAreOrderedByTheirScore() {
    var choice = among(node("a", 8, "", 0), node("b", 32, "", 0), node("vast-c", 24, "", 0));
    assertThat(chosen(choice, Task.CPUS)).containsExactly("vast-c", "b", "a");
  }

  @Test
  void aGauntletPrefersVastNodesAndManyProcessors() {
    var choice = among(node("a", 63, "", 0), node("b", 64, "", 0), node("vast-c", 4, "", 0));
    assertThat(chosen(choice, Task.GAUNTLET)).containsExactly("b", "vast-c", "a");
  }

  @Test
  void aModeThatNeedsAGpuGoesByGpu() {
    var choice = among(node("a", 64, "", 0), training("b", "3060", 0));
    assertThat(chosen(choice, new Question(Task.SELFPLAY, "gumbel-mcts", Set.of())))
        .containsExactly("b");
    assertThat(chosen(choice, new Question(Task.SELFPLAY, "random", Set.of())))
        .containsExactly("a", "b");
  }

  @Test
  void drainingAndUnheardNodesAreLeftOutWithTheReason() {
    var choice =
        among(draining(training("a", "H100", 0)), NodeSnapshot.unheard("b", true, false, false));
    assertThat(reasons(choice, Task.EXPORT))
        .containsOnly(Map.entry("a", "DRAINING"), Map.entry("b", "NO_FACTS"));
    assertThat(choice.healthyNodes()).hasSize(2);
  }

  @Test
  void aTaskThatIsNoneNamesThoseThereAre() {
    assertThat(Task.named("training_primaries")).isEqualTo(Task.TRAINING_PRIMARIES);
    assertThatThrownBy(() -> Task.named("cooking")).hasMessageContaining("gauntlet");
  }
}
