package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArgumentsTest {
  private static final List<String> GOOD =
      List.of(
          "--board hex8 --players 2 --games 3 --engine mcts --seed -7 --output out --job-id j-1"
              .split(" ", -1));

  @Test
  void everyOptionIsRead() throws UsageException {
    var run = Arguments.parse(with("--simulations", "64", "--param", "opening-moves=0"));

    assertThat(run.engine())
        .isEqualTo(new MctsEngine(64, MctsEngine.DEFAULT_EXPLORATION, MctsEngine.DEFAULT_RAVE));
    assertThat(run.games()).isEqualTo(3);
    assertThat(run.openingMoves()).isZero();
    assertThat(run.stem()).isEqualTo("hex8_2p_j-1_mcts_s-7");
  }

  @ParameterizedTest
  @CsvSource({
    "random-only, random",
    "heuristic-only, heuristic",
    "gumbel-mcts, mcts",
    "random, random"
  })
  void aliasesOfEnginesAreKnown(String alias, String mode) throws UsageException {
    assertThat(Arguments.parse(replaced("--engine", alias)).mode()).isEqualTo(mode);
  }

  @ParameterizedTest
  @CsvSource({
    "--board, square8, hex5 to hex11",
    "--board, hex12, hex5 to hex11",
    "--players, 3, Hex is for two",
    "--players, two, Hex is for two",
    "--games, 0, 1 to 1000000",
    "--games, 1000000000, 1 to 1000000",
    "--games, many, 1 to 1000000",
    "--engine, alphazero, 'random, heuristic or mcts'",
    "--seed, x, number",
    "--job-id, ../up, A-Z",
    "--job-id, .hidden, dot",
    "--output, '', folder",
  })
  void aWrongValueIsNamedWithItsRule(String option, String value, String rule) {
    assertThatThrownBy(() -> Arguments.parse(replaced(option, value)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(option)
        .hasMessageContaining("\"" + value + "\"")
        .hasMessageContaining(rule);
  }

  @Test
  void aMissingOptionIsNamed() {
    assertThatThrownBy(() -> Arguments.parse(List.of("--board", "hex8")))
        .hasMessageContaining("--engine is missing");
    assertThatThrownBy(() -> Arguments.parse(List.of("--board")))
        .hasMessageContaining("--board lacks its value");
  }

  @Test
  void anUnknownOptionIsNamed() {
    assertThatThrownBy(() -> Arguments.parse(with("--bord", "hex8")))
        .hasMessageContaining("\"--bord\" is no option");
    assertThatThrownBy(() -> Arguments.parse(with("--param", "depth=3")))
        .hasMessageContaining("depth=3");
  }

  @Test
  void anOptionGivenTwiceIsRefused() {
    assertThatThrownBy(() -> Arguments.parse(with("--games", "4")))
        .hasMessageContaining("--games is given twice");
  }

  private static List<String> with(String... more) {
    var words = new ArrayList<>(GOOD);
    words.addAll(Arrays.asList(more));
    return words;
  }

  private static List<String> replaced(String option, String value) {
    var words = new ArrayList<>(GOOD);
    words.set(words.indexOf(option) + 1, value);
    return words;
  }
}
