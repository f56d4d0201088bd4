package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GauntletTest {
  private Training training = new Training(Path.of(""));

  @BeforeEach
  void useAFolder(@TempDir Path folder) {
    training = new Training(folder);
  }

  @Test
  void sameSeedMakesTheSameBytes() throws Exception {
    String players = "--a mcts --b untrained --games 6 --sims 20 --out ";
    assertThat(training.gauntlet(players + "one.jsonl --seed 7")).isZero();
    assertThat(training.gauntlet(players + "two.jsonl --seed 7")).isZero();
    assertThat(training.gauntlet(players + "three.jsonl --seed 8")).isZero();

    assertThat(training.file("two.jsonl")).hasSameBinaryContentAs(training.file("one.jsonl"));
    assertThat(games("three.jsonl")).isNotEqualTo(games("one.jsonl"));
  }

  @Test
  void gamesOfAPairShareTheOpeningAndSwapColours() throws Exception {
    training.gauntlet("--a heuristic --b random --games 20 --seed 7 --out games.jsonl");

    var games = games("games.jsonl");
    var openings = new HashSet<String>();
    for (int i = 0; i < 20; i += 2) {
      String opening = field(games.get(i), "opening_moves");
      assertThat(openings.add(opening)).isTrue();
      assertThat(field(games.get(i + 1), "opening_moves")).isEqualTo(opening);
      assertThat(field(games.get(i), "moves")).startsWith(opening + " ");
      assertThat(field(games.get(i), "first")).isEqualTo("a");
      assertThat(field(games.get(i + 1), "first")).isEqualTo("b");
    }
  }

  @Test
  void winnersAreThoseOfTheMoves() throws Exception {
    training.gauntlet("--a heuristic --b random --games 20 --seed 7 --out games.jsonl");

    int aWins = 0;
    for (String game : games("games.jsonl")) {
      var board = new Board(Training.HEX5);
      for (String move : field(game, "moves").split(" ", -1)) {
        board.play(Training.HEX5.cellOf(move));
      }
      String first = field(game, "first");
      String winner = board.winner().orElseThrow() == Side.FIRST ? first : field(game, "second");
      assertThat(field(game, "winner")).isEqualTo(winner);
      aWins += winner.equals("a") ? 1 : 0;
    }
    assertThat(aWins).as("heuristic beats random").isGreaterThan(16);
    assertThat(training.number("a_wins")).isEqualTo(aWins);
    assertThat(training.number("b_wins")).isEqualTo(20 - aWins);
  }

  @Test
  void sideThatFailsHasNotLostNorTheOtherWon() throws Exception {
    var network = Network.untrained(Shape.of(Training.HEX5), 1);
    Arrays.fill(network.weights(), 1e30f);
    Files.write(training.file("wild.bin"), ModelFile.bytes(network));

    assertThat(training.gauntlet("--a random --b wild.bin --games 4 --seed 7 --out games.jsonl"))
        .isZero();

    assertThat(games("games.jsonl"))
        .allMatch(game -> field(game, "outcome").equals("error"))
        .allMatch(game -> field(game, "winner").isEmpty())
        .allMatch(game -> field(game, "detail").contains("b failed: the network"));
    assertThat(training.number("errors")).isEqualTo(4);
    assertThat(training.lines().getLast()).contains("\"outcomes\":\"eeee\"");
    assertThat(training.number("a_wins") + training.number("b_wins")).isZero();
    assertThat(training.number("elo_low")).isEqualTo(-2400);
    assertThat(training.number("elo_high")).isEqualTo(2400);
  }

  @Test
  void gameThatTakesTooLongHasNoWinner() throws Exception {
    var seconds = new AtomicLong();

    training.gauntlet(
        () -> Instant.ofEpochSecond(seconds.getAndIncrement()),
        "--a random --b random --games 2 --seed 7 --game-timeout 3 --out games.jsonl");

    assertThat(games("games.jsonl")).allMatch(game -> field(game, "outcome").equals("timeout"));
    assertThat(training.number("errors")).isEqualTo(2);
    assertThat(training.number("timeouts")).isEqualTo(2);
    assertThat(training.lines().getLast()).contains("\"outcomes\":\"tt\"");
  }

  @Test
  void fileOfOtherGamesIsNotReplaced() throws Exception {
    Files.writeString(training.file("games.jsonl"), "other");

    assertThat(training.gauntlet("--a random --b random --games 2 --seed 7 --out games.jsonl"))
        .isEqualTo(Program.FAILED);
    assertThat(training.file("games.jsonl")).hasContent("other");
    assertThat(training.lines()).isEmpty();
  }

  @Test
  void openingsAreDistinctPositionsEvenWhenTurned() {
    for (int count : new int[] {10, 150, 151, 5000}) {
      var seen = new HashSet<List<Integer>>();
      for (var opening : Openings.of(Training.HEX5, 1, count, count)) {
        var sorted = canonical(opening, false);
        var turned = canonical(opening, true);
        assertThat(seen.add(sorted)).as("%s", opening).isTrue();
        assertThat(sorted.equals(turned) || !seen.contains(turned)).isTrue();
      }
      assertThat(seen).hasSize(count);
    }
    assertThat(Openings.of(Training.HEX5, 1, 10, 10))
        .isEqualTo(Openings.of(Training.HEX5, 1, 20, 20).subList(0, 10));
  }

  @Test
  void runsOfOneSeedThatSkipPlayOtherOpeningsAndOtherGames() throws Exception {
    var openings = new HashSet<String>();
    var ids = new HashSet<String>();
    for (int skip : new int[] {0, 100, 200}) {
      String out = "games" + skip + ".jsonl";
      training.gauntlet(
          "--a random --b random --games 200 --seed 7 --openings-total 300 --skip-openings "
              + skip
              + " --out "
              + out);
      assertThat(training.number("skip_openings")).isEqualTo(skip);
      for (String game : games(out)) {
        openings.add(field(game, "opening_moves"));
        ids.add(field(game, "game_id"));
        assertThat(field(game, "opening_moves").split(" ", -1)).hasSize(3);
      }
    }
    assertThat(openings).hasSize(300);
    assertThat(ids).hasSize(600);
  }

  @Test
  void partsOfASequenceAreTheGamesOfTheWhole() throws Exception {
    String players = "--a mcts --b random --sims 10 --seed 7 --openings-total 10 --out ";
    training.gauntlet(players + "whole.jsonl --games 6");
    training.gauntlet(players + "part.jsonl --games 4 --skip-openings 1");

    assertThat(games("part.jsonl")).isEqualTo(games("whole.jsonl").subList(2, 6));
  }

  @Test
  void openingsBeyondTheSequenceAreRefusedByOption() {
    String players = "--a random --b random --games 20 --seed 7 --out games.jsonl ";
    assertThatThrownBy(() -> training.gauntlet(players + "--skip-openings 5 --openings-total 14"))
        .hasMessageContaining("--openings-total")
        .hasMessageContaining("15 to");
    assertThatThrownBy(() -> training.gauntlet(players + "--skip-openings 1000000"))
        .hasMessageContaining("--skip-openings");
  }

  @Test
  void outcomesAreALetterAGameInOrderUpToFourThousand() throws Exception {
    training.gauntlet("--a heuristic --b random --games 20 --seed 7 --out games.jsonl");
    var letters = new StringBuilder();
    games("games.jsonl").forEach(game -> letters.append(field(game, "winner")));
    assertThat(training.lines().getLast()).contains("\"outcomes\":\"" + letters + "\"");

    String players = "--a random --b random --seed 7 --games ";
    training.gauntlet(players + "4000 --out most.jsonl");
    assertThat(training.lines().getLast()).containsPattern("\"outcomes\":\"[ab]{4000}\"");
    assertThat(training.lines().getLast().length()).isLessThan(8192);
    training.gauntlet(players + "4002 --out more.jsonl");
    assertThat(training.lines().getLast()).doesNotContain("outcomes");
  }

  /// Stones of the first player in order, then those of the second.
  private static List<Integer> canonical(List<Integer> opening, boolean turned) {
    var first = new java.util.ArrayList<Integer>();
    var second = new java.util.ArrayList<Integer>();
    for (int i = 0; i < opening.size(); i++) {
      int cell = turned ? 24 - opening.get(i) : opening.get(i);
      (i % 2 == 0 ? first : second).add(cell);
    }
    Collections.sort(first);
    Collections.sort(second);
    first.addAll(second);
    return first;
  }

  @ParameterizedTest
  @CsvSource({
    // Wilson on n trials of score 1: low = n / (n + z^2).
    "1.0, 50, 801.7, 445.4, 2400",
    "0.0, 50, -801.7, -2400, -445.4",
    // Always split: twice as many trials as pairs.
    "0.5, 50, 0, -67.0, 67.0"
  })
  void eloOfEqualPairs(double score, int pairs, double elo, double low, double high) {
    var found = Elo.of(Collections.nCopies(pairs, score));

    assertThat(found.elo()).isCloseTo(elo, within(1.5));
    assertThat(found.low()).isCloseTo(low, within(1.5));
    assertThat(found.high()).isCloseTo(high, within(1.5));
  }

  @Test
  void eloOfMixedPairsLiesInItsInterval() {
    var pairs = List.of(1.0, 1.0, 0.5, 0.5, 0.5, 0.0, 1.0, 0.5, 1.0, 1.0);
    var found = Elo.of(pairs);

    assertThat(found.elo()).isCloseTo(147.2, within(1.5)).isBetween(found.low(), found.high());
    var opposite = Elo.of(pairs.stream().map(score -> 1 - score).toList());
    assertThat(opposite.elo()).isCloseTo(-found.elo(), within(0.001));
    assertThat(opposite.low()).isCloseTo(-found.high(), within(0.001));
  }

  @Test
  void noPairTellsNothing() {
    assertThat(Elo.of(List.of())).isEqualTo(new Elo(0, -2400, 2400));
  }

  private List<String> games(String name) throws Exception {
    return Files.readAllLines(training.file(name));
  }

  private static String field(String line, String name) {
    return line.replaceAll(".*\"" + name + "\":\"([^\"]*)\".*", "$1");
  }
}
