package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.node.config.Reload.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a configuration that is read again changes, and what waits for a restart.
class ReloadTest {
  private static final String BEFORE =
      """
      training: {configs: [hex5_2p], min_games: 2000, interval: 15s}
      selfplay: {enabled: true, configs: [hex5_2p], curriculum_weights: {hex5_2p: 1.5}}
      jobs: {max_jobs: 2}
      queue: {soft_limit: 100, hard_limit: 200}
      workloads:
        hello: {job_type: shell, argv: [/bin/echo, hello], env: {KEY: one}}
        gone: {job_type: shell, argv: [/bin/true]}
      """;

  @TempDir Path folder;

  private NodeConfig load(String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
      return ConfigLoader.load(Optional.of(file), new Env(Map.of()), Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Reload change(String from, String to) {
    assertThat(BEFORE).contains(from);
    return Reload.of(load(BEFORE), load(BEFORE.replace(from, to)));
  }

  @Test
  void whatIsTheSameChangesNothing() {
    var reload = change("hello", "hello");
    assertThat(reload.applied()).isEmpty();
    assertThat(reload.restartNeeded()).isEmpty();
    assertThat(reload.config()).isEqualTo(load(BEFORE));
  }

  @Test
  void aFileThatIsBeingWrittenIsNoConfiguration() {
    assertThatThrownBy(() -> Reload.of(load(BEFORE), load("")))
        .hasMessageContaining("a file without any setting");
    assertThat(Reload.of(load(""), load("")).applied()).isEmpty();
  }

  @Test
  void thresholdsWeightsAndLimitsOfJobsAreInForceAtOnce() {
    assertThat(change("min_games: 2000", "min_games: 50").applied())
        .containsExactly(new Change("training.min_games", "2000", "50"));
    assertThat(change("hex5_2p: 1.5", "hex5_2p: 2.5").config().selfplay().curriculum())
        .containsEntry("hex5_2p", 2.5);
    assertThat(change("hex5_2p: 1.5}", "hex5_2p: 1.5}, board_overrides: {hex5_2p: LOW}").applied())
        .containsExactly(new Change("selfplay.board_overrides.hex5_2p", "", "LOW"));
    assertThat(change("min_games: 2000", "gate: {elo1: 50}").applied())
        .containsExactly(new Change("training.gate.elo1", "35.0", "50"));
    assertThat(change("max_jobs: 2", "max_jobs: 7").config().jobs().maxJobs()).isEqualTo(7);
  }

  @Test
  void templatesComeGoAndChange() {
    var reload = change("gone: {job_type: shell", "come: {job_type: training");
    assertThat(reload.config().workloads()).containsKey("come").doesNotContainKey("gone");
    assertThat(reload.applied())
        .contains(
            new Change("workloads.come.job_type", "", "training"),
            new Change("workloads.gone.job_type", "shell", ""));
    assertThat(change("[/bin/echo, hello]", "[/bin/echo, bye]").applied())
        .containsExactly(new Change("workloads.hello.argv", "/bin/echo hello", "/bin/echo bye"));
  }

  @Test
  void whatAProcessGetsInItsEnvironmentIsNotShown() {
    var reload = change("KEY: one", "KEY: two");
    assertThat(reload.applied())
        .containsExactly(new Change("workloads.hello.env.KEY", "***", "***"));
    var hello = Objects.requireNonNull(reload.config().workloads().get("hello"));
    assertThat(hello.environment()).containsEntry("KEY", "two");
  }

  @Test
  void theRestWaitsForARestartAndIsToldUntilThen() {
    String after = BEFORE.replace("soft_limit: 100", "soft_limit: 90");
    String later =
        after.replace("interval: 15s", "interval: 5s") + "hosts: {worker: {}}\ntiming: lan\n";
    var reload = Reload.of(load(BEFORE), load(later));
    assertThat(reload.applied()).isEmpty();
    assertThat(reload.restartNeeded())
        .contains(
            new Change("hosts", "", "worker"),
            new Change("queue.soft_limit", "100", "90"),
            new Change("timing", "wan", "lan"),
            new Change("training.interval", "15s", "5s"));
    assertThat(reload.config().queue().softLimit()).isEqualTo(100);
    assertThat(reload.config().training().interval()).isEqualTo(Duration.ofSeconds(15));
    assertThat(Reload.of(reload.config(), load(later)).restartNeeded())
        .isEqualTo(reload.restartNeeded());
  }

  @Test
  void aNewTokenIsToldWithoutItsText() {
    var reload = change("queue:", "security: {token: secret-one}\nqueue:");
    assertThat(reload.restartNeeded()).containsExactly(new Change("security.token", "", "***"));
    var other = Reload.of(load("security: {token: a}\n"), load("security: {token: b}\n"));
    assertThat(other.restartNeeded())
        .isEqualTo(List.of(new Change("security.token", "***", "***")));
  }

  @Test
  void depthBeyondTheLimitInForceIsRefused() {
    String deeper =
        BEFORE
            .replace("hard_limit: 200", "hard_limit: 900")
            .replace("enabled: true", "enabled: true, target_queue_depth: 800");
    assertThatThrownBy(() -> Reload.of(load(BEFORE), load(deeper)))
        .hasMessageContaining("selfplay.target_queue_depth")
        .hasMessageContaining("which is 200 until");
  }
}
