package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training as a job runs it: a process of its own, ended by signals.
final class TrainProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void playSomeGames() throws Exception {
    var training = new Training(folder);
    assertThat(training.selfplay("--games 20 --engine heuristic --seed 1 --job-id a")).isZero();
  }

  @AfterEach
  void endWhatWasStarted() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void killedTrainingGoesOnToTheSameBits() throws Exception {
    var process = start("10000");
    await().atMost(PATIENCE).until(() -> said().contains("{\"epoch\":3,"));
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(folder.resolve("model.bin")).doesNotExist();

    int epochs = 20 + said().lines().toList().size();
    var training = new Training(folder);
    String options = "--epochs " + epochs + " --seed 3 --model-out ";
    assertThat(training.train(options + "resumed.bin")).isZero();
    assertThat(training.told()).contains("goes on after epoch");
    assertThat(training.train(options + "whole.bin")).isZero();
    assertThat(folder.resolve("resumed.bin")).hasSameBinaryContentAs(folder.resolve("whole.bin"));
  }

  @Test
  void sigtermLeavesACheckpointAndNoModel() throws Exception {
    var process = start("10000");
    await().atMost(PATIENCE).until(() -> said().contains("{\"epoch\":2,"));
    process.destroy();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(folder.resolve("model.bin")).doesNotExist();
    assertThat(folder.resolve("checkpoints"))
        .isDirectoryContaining("glob:**_e[0-9]*.checkpoint")
        .isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void wrongUsageExitsWithTwo() throws Exception {
    var process = start("0");

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(Files.readString(folder.resolve("stderr"), UTF_8))
        .contains("--epochs is \"0\" but must be 1 to 10000")
        .contains("usage: hex-train");
  }

  private String said() throws Exception {
    return Files.readString(folder.resolve("stdout"), UTF_8);
  }

  private Process start(String epochs) throws Exception {
    var words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                TrainMain.class.getName()));
    String options =
        "--board hex5 --data games --checkpoint-prefix checkpoints/c --model-out model.bin --seed 3"
            + " --epochs ";
    words.addAll(List.of((options + epochs).split(" ", -1)));
    words.addAll(List.of("--root", folder.toString()));
    var process =
        new ProcessBuilder(words)
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile())
            .start();
    started.add(process);
    return process;
  }
}
