package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.selfplay.GameItems.Route;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Engine modes of SPEC 1.2: which template plays them, and where.
final class GameItemsTest {
  private static SelfplayConfig.Items items(String searchWorkload) {
    return new SelfplayConfig.Items(
        "simple", searchWorkload, Map.of("simple", Set.of("mcts")), "mcts", "nn", 10);
  }

  @ParameterizedTest
  @CsvSource({
    "maxn, search, maxn",
    "brs, search, brs",
    "mcts, search, mcts",
    "gumbel-mcts, search, gumbel-mcts",
    "policy-only, search, policy-only",
    "nn-descent, search, nn-descent",
    "nn-minimax, search, nn-minimax",
    "nn, search, nn",
    "mixed, simple, heuristic-only",
    "gpu, simple, heuristic-only",
    "descent-only, simple, heuristic-only",
    "heuristic, simple, heuristic-only",
    "nnue-guided, simple, nnue-guided",
    "random, simple, random-only",
    "random-only, simple, random-only",
    "tournament-varied, simple, heuristic-only"
  })
  void searchesAndSimpleModesArePlayedByTemplatesOfTheirOwn(
      String mode, String workload, String told) {
    var route = Route.of(items("search"), mode, _ -> true);
    assertThat(route.workload()).isEqualTo(workload);
    assertThat(route.mode()).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({"maxn", "mixed", "heuristic", "gnn", "tournament-varied"})
  void oneTemplateForAllIsToldEveryModeAsItIs(String mode) {
    var route = Route.of(items(""), mode, _ -> true);
    assertThat(route.workload()).isEqualTo("simple");
    assertThat(route.mode()).isEqualTo(mode);
  }

  @Test
  void aModeThatNeedsAGpuHasOnePinnedAndOthersHaveNone() {
    assertThat(Route.of(items("search"), "gumbel-mcts", _ -> true).gpus()).isEqualTo(1);
    assertThat(Route.of(items("search"), "nnue-guided", _ -> true).gpus()).isEqualTo(1);
    assertThat(Route.of(items("search"), "maxn", _ -> true).gpus()).isZero();
    assertThat(Route.of(items(""), "heuristic", _ -> true).gpus()).isZero();
  }

  @Test
  void withoutAGpuThatPlaysHeuristicOnlyIsPlayedInPlaceOfAModeThatNeedsOne() {
    var heuristic = new Route("simple", "heuristic-only", 0);
    assertThat(Route.of(items("search"), "gumbel-mcts", _ -> false)).isEqualTo(heuristic);
    assertThat(Route.of(items(""), "gnn", _ -> false)).isEqualTo(heuristic);
    assertThat(Route.of(items("search"), "brs", _ -> false))
        .isEqualTo(new Route("search", "brs", 0));
  }

  @Test
  void aGpuCountsWhereTheTemplateOfTheModeIsPlayed() {
    Predicate<String> simple = "simple"::equals;
    assertThat(Route.of(items("search"), "gumbel-mcts", simple).mode()).isEqualTo("heuristic-only");
    assertThat(Route.of(items("search"), "nnue-guided", simple).gpus()).isEqualTo(1);
  }

  @Test
  void aTemplatePlaysWithoutAGpuWhatItSaysThatItDoes() {
    assertThat(Route.of(items(""), "mcts", _ -> false)).isEqualTo(new Route("simple", "mcts", 0));
    assertThat(Route.of(items("search"), "mcts", _ -> false).mode()).isEqualTo("heuristic-only");
  }
}
