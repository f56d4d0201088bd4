package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.selfplay.Diversity.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiversityTest {
  @Test
  void withoutSelectionsTheRatioIsZero() {
    assertThat(Diversity.of(List.of()).asymmetricRatio()).isZero();
    assertThat(Diversity.of(List.of()).modeShares()).isEmpty();
  }

  @Test
  void gamesAreCountedByModeConfigurationAndDifficulty() {
    var diversity =
        Diversity.of(
            List.of(
                new Selection("hex8_2p", "mcts", 0, 30),
                new Selection("hex8_2p", "heuristic-vs-mcts", 64, 10),
                new Selection("hex5_2p", "mcts", 800, 60)));
    assertThat(diversity.byMode()).isEqualTo(Map.of("mcts", 90L, "heuristic-vs-mcts", 10L));
    assertThat(diversity.byConfig()).isEqualTo(Map.of("hex8_2p", 40L, "hex5_2p", 60L));
    assertThat(diversity.byDifficulty())
        .isEqualTo(Map.of("default", 30L, "bootstrap", 10L, "quality", 60L));
    assertThat(diversity.symmetric()).isEqualTo(90);
    assertThat(diversity.asymmetric()).isEqualTo(10);
    assertThat(diversity.asymmetricRatio()).isEqualTo(0.1);
    assertThat(diversity.modeShares()).isEqualTo(Map.of("mcts", 0.9, "heuristic-vs-mcts", 0.1));
  }

  @Test
  void onlyTheNewestThousandCount() {
    var all = new ArrayList<Selection>();
    for (int i = 0; i < 1200; i++) {
      all.add(new Selection(i < 1000 ? "new_2p" : "old_2p", "mcts", 0, 1));
    }
    var diversity = Diversity.of(all);
    assertThat(diversity.items()).isEqualTo(1000);
    assertThat(diversity.byConfig()).isEqualTo(Map.of("new_2p", 1000L));
  }
}
