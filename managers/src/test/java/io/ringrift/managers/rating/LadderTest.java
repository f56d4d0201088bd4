package io.ringrift.managers.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LadderTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final double[] TRUE = {200, 50, 0, -150};

  private static Match game(int id, String one, String other, boolean firstWins) {
    return new Match(
        "m" + id,
        id,
        List.of(one, other),
        firstWins ? List.of(1, 2) : List.of(2, 1),
        "hex5_2p",
        true);
  }

  private static List<Match> tournament(Random random, int perPair) {
    var matches = new ArrayList<Match>();
    for (int i = 0; i < NAMES.size(); i++) {
      for (int j = i + 1; j < NAMES.size(); j++) {
        for (int k = 0; k < perPair; k++) {
          boolean wins = random.nextDouble() < EloTable.expected(TRUE[i], TRUE[j]);
          matches.add(game(matches.size(), NAMES.get(i), NAMES.get(j), wins));
        }
      }
    }
    return matches;
  }

  @Test
  void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
    var random = new Random(11);
    int rounds = 300;
    int held = 0;
    for (int round = 0; round < rounds; round++) {
      var difference = Ladder.of(tournament(random, 60)).difference("a", "d");
      held += difference.low() <= 350 && 350 <= difference.high() ? 1 : 0;
    }
    assertThat(held).isBetween(rounds * 90 / 100, rounds * 99 / 100);
  }

  /// Who reaches the end first in a race of exponential times (Plackett and Luce): each two of them
  /// as in a game of two.
  private static Match race(int id, Random random, List<Integer> seats) {
    var times =
        seats.stream()
            .map(i -> -Math.log(1 - random.nextDouble()) / Math.pow(10, TRUE[i] / 400))
            .toList();
    var places = times.stream().map(t -> 1 + (int) times.stream().filter(o -> o < t).count());
    var names = seats.stream().map(NAMES::get).toList();
    return new Match("m" + id, id, names, places.toList(), "hex8_4p", true);
  }

  private static int held(List<List<Integer>> tables, int games, int rounds) {
    var random = new Random(12);
    int held = 0;
    for (int round = 0; round < rounds; round++) {
      var matches = new ArrayList<Match>();
      for (int i = 0; i < games; i++) {
        matches.add(race(i, random, tables.get(i % tables.size())));
      }
      var difference = Ladder.of(matches).difference("b", "c");
      held += difference.low() <= 50 && 50 <= difference.high() ? 1 : 0;
    }
    return held;
  }

  @Test
  void intervalsOfGamesOfFourHoldTheTruthAboutAsOftenAsTheySay() {
    assertThat(held(List.of(List.of(0, 1, 2, 3)), 150, 2000)).isBetween(1870, 1950);
  }

  @Test
  void intervalsOfGamesOfThreeHoldTheTruthAboutAsOftenAsTheySay() {
    var tables = List.of(List.of(0, 1, 2), List.of(3, 2, 1));
    assertThat(held(tables, 200, 2000)).isBetween(1870, 1950);
  }

  @Test
  void gamesOfFourFindTheTruth() {
    var random = new Random(4);
    var matches = new ArrayList<Match>();
    for (int i = 0; i < 3000; i++) {
      matches.add(race(i, random, List.of(i % 4, (i + 1) % 4, (i + 2) % 4, (i + 3) % 4)));
    }
    var ladder = Ladder.of(matches);
    assertThat(ladder.rungs()).extracting(Ladder.Rung::name).containsExactly("a", "b", "c", "d");
    assertThat(ladder.difference("a", "d").elo()).isBetween(325.0, 375.0);
    assertThat(ladder.rungs().getFirst().games()).as("a match is one game").isEqualTo(3000);
    assertThat(Ladder.of(matches.reversed()).rungs()).isEqualTo(ladder.rungs());
  }

  @Test
  void manyGamesFindTheTruth() {
    var ladder = Ladder.of(tournament(new Random(5), 2000));
    assertThat(ladder.rungs()).extracting(Ladder.Rung::name).containsExactly("a", "b", "c", "d");
    assertThat(ladder.difference("a", "b").elo()).isBetween(130.0, 170.0);
    assertThat(ladder.rungs().getFirst().high() - ladder.rungs().getFirst().low())
        .isBetween(5.0, 25.0);
  }

  @Test
  void somebodyWhoWonEveryGameIsRatedWithAWideInterval() {
    var matches = new ArrayList<Match>();
    for (int i = 0; i < 10; i++) {
      matches.add(game(i, "a", "b", true));
    }
    var difference = Ladder.of(matches).difference("a", "b");
    assertThat(difference.elo()).isBetween(200.0, 900.0);
    assertThat(difference.high() - difference.low()).isGreaterThan(300);
    assertThat(difference.low()).isPositive();
  }

  @Test
  void theOrderOfMatchesDoesNotMatter() {
    var matches = tournament(new Random(7), 20);
    assertThat(Ladder.of(matches.reversed()).rungs()).isEqualTo(Ladder.of(matches).rungs());
  }

  @Test
  void nobodyIsRatedWithoutMatches() {
    assertThat(Ladder.of(List.of()).rungs()).isEmpty();
    assertThatThrownBy(() -> Ladder.of(tournament(new Random(1), 1)).difference("a", "x"))
        .hasMessageContaining("x played no rated match");
  }
}
