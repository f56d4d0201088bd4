package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command lines of training, gauntlet and networks in self-play.
final class OptionsTest {
  private static final String TRAIN =
      "--board hex5 --data games --epochs 3 --seed 1 --model-out m --checkpoint-prefix c";
  private static final String GAUNTLET =
      "--board hex5 --a random --b mcts --games 4 --seed 1 --out o";
  private static final String SELFPLAY =
      "--board hex5 --games 3 --engine nn --seed 1 --output out --job-id j";

  @Test
  void everyOptionOfTrainingIsRead() throws UsageException {
    var run =
        TrainArguments.parse(
            words(
                TRAIN
                    + " --players 2 --batch 8 --learning-rate 0.5 --l2 0.25 --window 7"
                    + " --min-games 5 --root root"));

    assertThat(run.recipe()).isEqualTo(new Recipe(1, 8, 0.5f, 0.25f));
    assertThat(run.window()).isEqualTo(7);
    assertThat(run.fewest()).isEqualTo(5);
    assertThat(run.data()).isEqualTo(Path.of("root", "games").toAbsolutePath());
  }

  @ParameterizedTest
  @CsvSource({
    "--board, hex4, hex5 to hex11",
    "--epochs, 0, 1 to 10000",
    "--epochs, 1.5, 1 to 10000",
    "--seed, none, whole number",
    "--data, '', folder",
    "--model-out, '', file",
  })
  void wrongValueOfTrainingIsNamedWithItsRule(String option, String value, String rule) {
    refused(() -> TrainArguments.parse(replaced(TRAIN, option, value)), option, value, rule);
  }

  @ParameterizedTest
  @CsvSource({
    "--players, 3, Hex is for two",
    "--batch, 0, 1 to 65536",
    "--learning-rate, 0, above 0",
    "--learning-rate, -1, above 0",
    "--learning-rate, NaN, finite",
    "--learning-rate, 1e39, finite",
    "--l2, 1.5, 0 to 1",
    "--window, 0, 1 to 1000000",
    "--min-games, x, 1 to 1000000",
    "--parent, missing.bin, is not there",
  })
  void wrongChoiceOfTrainingIsNamedWithItsRule(String option, String value, String rule) {
    refused(
        () -> TrainArguments.parse(words(TRAIN + " " + option + " " + value)), option, value, rule);
  }

  @ParameterizedTest
  @CsvSource({
    "--games, 0, 2 to 10000",
    "--games, 3, even",
    "--a, missing.bin, is not there",
    "--b, '', the file of a model",
    "--out, '', file",
  })
  void wrongValueOfAGauntletIsNamedWithItsRule(String option, String value, String rule) {
    refused(() -> GauntletArguments.parse(replaced(GAUNTLET, option, value)), option, value, rule);
  }

  @Test
  void simulationsHaveAShortName() throws UsageException {
    assertThat(GauntletArguments.parse(words(GAUNTLET + " --sims 9")).simulations()).isEqualTo(9);
    assertThatThrownBy(() -> GauntletArguments.parse(words(GAUNTLET + " --sims 9 --simulations 9")))
        .hasMessageContaining("given twice");
  }

  @Test
  void emptyChoiceCountsAsLeftOut() throws UsageException {
    var words = words(TRAIN);
    words.addAll(List.of("--parent", "", "--window", ""));

    var run = TrainArguments.parse(words);

    assertThat(run.trained()).isFalse();
    assertThat(run.window()).isEqualTo(20_000);
    assertThat(run.parent().sha256()).isEqualTo(Model.untrained(run.grid(), 1).sha256());
  }

  @Test
  void networkOfSelfplayIsTheUntrainedOneOfTheSeed() throws UsageException {
    var run = Arguments.parse(words(SELFPLAY));

    assertThat(run.model()).isEqualTo(Model.untrained(run.grid(), 1).sha256());
    assertThat(run.stem()).isEqualTo("hex5_2p_j_nn-" + run.model().substring(0, 8) + "_s1");
    assertThat(run.engine())
        .isInstanceOfSatisfying(
            NetworkEngine.class,
            engine -> {
              assertThat(engine.simulations()).isEqualTo(64);
              assertThat(engine.noise()).isEqualTo(0.25);
              assertThat(engine.temperatureMoves()).isEqualTo(6);
            });
  }

  @Test
  void modelOfAnotherBoardOrForAnotherEngineIsRefused(@TempDir Path folder) throws Exception {
    Path model = folder.resolve("six.bin");
    Files.write(model, ModelFile.bytes(Network.untrained(Shape.of(new Grid(6)), 1)));

    refused(
        () -> Arguments.parse(words(SELFPLAY + " --model " + model)),
        "--model",
        model.toString(),
        "is a model of hex6, not of hex5");
    refused(
        () -> Arguments.parse(replaced(SELFPLAY + " --model " + model, "--engine", "mcts")),
        "--model",
        model.toString(),
        "plays without one");
  }

  private interface Parse {
    void run() throws UsageException;
  }

  private static void refused(Parse parse, String option, String value, String rule) {
    assertThatThrownBy(parse::run)
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(option)
        .hasMessageContaining("\"" + value + "\"")
        .hasMessageContaining(rule);
  }

  private static List<String> words(String text) {
    return new ArrayList<>(List.of(text.split(" ", -1)));
  }

  private static List<String> replaced(String text, String option, String value) {
    var words = words(text);
    words.set(words.indexOf(option) + 1, value);
    return words;
  }
}
