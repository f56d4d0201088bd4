package io.ringrift.managers.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringrift.kernel.Refusal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EloTableTest {
  private static Match won(String id, long millis, String winner, String loser) {
    return new Match(id, millis, List.of(winner, loser), List.of(1, 2), "hex5_2p", true);
  }

  private static double rating(List<EloTable.Line> table, String name) {
    return table.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow().rating();
  }

  @Test
  void aWinBetweenEqualsMovesHalfOfK() {
    var table = EloTable.of(List.of(won("m1", 1, "a", "b")), Map.of());
    assertThat(rating(table, "a")).isEqualTo(1516);
    assertThat(rating(table, "b")).isEqualTo(1484);
    assertThat(table.getFirst())
        .extracting(EloTable.Line::wins, EloTable.Line::peak)
        .containsExactly(1, 1516.0);
  }

  @Test
  void theTableIsAFunctionOfTheSetOfMatches() {
    var random = new Random(3);
    var matches = new ArrayList<Match>();
    for (int i = 0; i < 200; i++) {
      boolean first = random.nextBoolean();
      matches.add(won("m" + i, i / 4, first ? "a" : "b", first ? "b" : "c"));
    }
    var table = EloTable.of(matches, Map.of());
    Collections.shuffle(matches, random);
    matches.add(matches.getFirst());
    assertThat(EloTable.of(matches, Map.of())).isEqualTo(table);
  }

  @Test
  void threePlayersCountAsTheirPairsWithKShared() {
    var match = new Match("m", 1, List.of("a", "b", "c"), List.of(1, 2, 2), "hex8_3p", true);
    var table = EloTable.of(List.of(match), Map.of());
    assertThat(rating(table, "a")).isEqualTo(1516);
    assertThat(rating(table, "b")).isEqualTo(1492);
    assertThat(table.stream().mapToDouble(EloTable.Line::rating).sum())
        .isCloseTo(4500, within(1e-9));
  }

  @Test
  void fourPlayersMoveByTheirPlacesAndAsMuchAsTwo() {
    var match =
        new Match("m", 1, List.of("a", "b", "c", "d"), List.of(3, 1, 4, 2), "hex8_4p", true);
    var table = EloTable.of(List.of(match), Map.of());
    assertThat(table).extracting(EloTable.Line::name).containsExactly("b", "d", "a", "c");
    assertThat(rating(table, "b")).as("three wins of a third").isCloseTo(1516, within(1e-9));
    assertThat(rating(table, "d")).isCloseTo(1500 + 16 / 3.0, within(1e-9));
    assertThat(rating(table, "a")).isCloseTo(1500 - 16 / 3.0, within(1e-9));
    assertThat(rating(table, "c")).isCloseTo(1484, within(1e-9));
  }

  @Test
  void pinnedRatingsStayAndGateGamesDoNotCount() {
    var gate = new Match("g", 2, List.of("a", "b"), List.of(1, 2), "hex5_2p", false);
    var table = EloTable.of(List.of(won("m", 1, "a", "random"), gate), Map.of("random", 400.0));
    assertThat(table).extracting(EloTable.Line::name).containsExactly("a", "random");
    assertThat(rating(table, "random")).isEqualTo(400);
    assertThat(rating(table, "a")).isCloseTo(1500, within(0.1));
  }

  @Test
  void matchesThatCannotBeAreRefusedByName() {
    assertThatThrownBy(() -> new Match("m", 1, List.of("a", "a"), List.of(1, 2), "hex5_2p", true))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("participants");
    assertThatThrownBy(() -> new Match("m", 1, List.of("a", "b"), List.of(0, 2), "hex5_2p", true))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("places");
  }
}
