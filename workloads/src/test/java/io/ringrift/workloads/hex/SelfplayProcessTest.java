package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a job runs it: a process of its own, ended by signals.
final class SelfplayProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();
  private Path log = Path.of("");

  @BeforeEach
  void nameTheLog(@TempDir Path elsewhere) {
    log = elsewhere.resolve("stderr.log");
  }

  @AfterEach
  void endWhatWasStarted() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void aWholeRunExitsWithZero() throws Exception {
    var process = start("3");

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(names()).containsExactly("hex8_2p_job_mcts_s1_g3.db");
  }

  @Test
  void sigtermPublishesTheGamesFinishedUntilThen() throws Exception {
    var process = start("100000");
    await().atMost(PATIENCE).until(() -> log().contains("game 2/"));
    process.destroy();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(log()).contains("stopped early");
    assertThat(names()).hasSize(1);
    String name = names().getFirst();
    int told = Integer.parseInt(name.substring(name.lastIndexOf("_g") + 2, name.length() - 3));
    assertThat(told).isGreaterThanOrEqualTo(2).isEqualTo(rows(name));
    assertThat(log()).contains("game " + told + "/").doesNotContain("game " + (told + 1) + "/");
  }

  @Test
  void sigkillLeavesNoFinalName() throws Exception {
    var process = start("100000");
    await().atMost(PATIENCE).until(() -> log().contains("game 2/"));
    process.destroyForcibly();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(names()).noneMatch(name -> name.endsWith(".db"));
  }

  @Test
  void wrongUsageExitsWithTwo() throws Exception {
    var process = start("0");

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(log()).contains("--games is \"0\" but must be 1 to 1000000").contains("usage:");
    assertThat(names()).isEmpty();
  }

  private Process start(String games) throws IOException {
    var words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                SelfplayMain.class.getName()));
    words.addAll(
        Arrays.asList(
            ("--board hex8 --players 2 --engine mcts --seed 1 --job-id job --games " + games)
                .split(" ", -1)));
    words.addAll(List.of("--output", folder.toString()));
    var builder = new ProcessBuilder(words).redirectErrorStream(true);
    var process = builder.redirectOutput(new File(log.toString())).start();
    started.add(process);
    return process;
  }

  private String log() throws IOException {
    return Files.exists(log) ? Files.readString(log, UTF_8) : "";
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private int rows(String name) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(name));
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM games")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
