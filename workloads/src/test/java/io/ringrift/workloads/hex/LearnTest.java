package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Learning is real: self-play and training in turns, from nothing.
final class LearnTest {
  private static final int ROUNDS = 4;

  @Test
  void trainedNetworkBeatsTheUntrainedOneByFar(@TempDir Path folder) throws Exception {
    var training = new Training(folder);
    String model = "";
    for (int round = 1; round <= ROUNDS; round++) {
      String parent = model.isEmpty() ? "" : " --parent " + model;
      String player = model.isEmpty() ? "" : " --model " + model;
      assertThat(
              training.selfplay(
                  "--games 150 --engine nn --sims 32 --job-id r"
                      + round
                      + " --seed "
                      + round
                      + player))
          .isZero();
      model = "model" + round + ".bin";
      assertThat(
              training.train("--epochs 8 --seed 1 --min-games 150 --model-out " + model + parent))
          .isZero();
    }

    assertThat(
            training.gauntlet(
                "--a " + model + " --b untrained --games 80 --sims 32 --seed 1 --out games.jsonl"))
        .isZero();
    assertThat(training.number("errors")).isZero();
    assertThat(training.number("elo")).isGreaterThan(150);
    assertThat(training.number("elo_low")).as(training.lines().getLast()).isGreaterThan(100);
  }
}
