package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Structured sections of the file.
class SectionsTest {
  @TempDir Path folder;

  private NodeConfig load(String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
      return ConfigLoader.load(Optional.of(file), new Env(Map.of()), Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void declaredWorkloadStandsBesideTheBuiltInOne() {
    var config =
        load(
            """
            workloads:
              hello:
                job_type: shell
                argv: ["/bin/sh", "-c", "echo hello from $RINGRIFT_JOB_ID"]
                env: {GREETING: hi}
            """);
    assertThat(config.workloads())
        .containsOnlyKeys("hex-selfplay", "hex-train", "hex-gauntlet", "hex-export", "hello");
    var hello = Objects.requireNonNull(config.workloads().get("hello"));
    assertThat(hello.argv()).endsWith("echo hello from $RINGRIFT_JOB_ID");
    assertThat(hello.environment()).containsEntry("GREETING", "hi");
    assertThat(hello.outputDir()).as("needs no board").isEqualTo("shell");
    assertThat(Objects.requireNonNull(config.workloads().get("hex-selfplay")).argv())
        .contains("io.ringrift.workloads.hex.SelfplayMain", "{board}", "{output_dir}")
        .doesNotContain("{java}", "{workload_classpath}");
    var training = Objects.requireNonNull(config.workloads().get("hex-train"));
    assertThat(training.jobType()).isEqualTo("training");
    assertThat(training.outputDir()).isEqualTo("models/{config_key}");
    assertThat(training.argv())
        .contains("{output_dir}/{job_id}_{attempt}.bin")
        .containsSequence("--files", "{inputs}")
        .containsSequence("--checkpoint-prefix", "training/{config_key}/{job_id}");
    assertThat(Objects.requireNonNull(config.workloads().get("hex-gauntlet")).jobType())
        .isEqualTo("gauntlet");
  }

  @Test
  void intervalOfALoopCanBeSet() {
    assertThat(load("loops: {data_sync: 2s, job_reaper: {interval: 5s}}\n").loopIntervals())
        .containsEntry("data_sync", Duration.ofSeconds(2))
        .containsEntry("job_reaper", Duration.ofSeconds(5));
  }

  @Test
  void scalingThatCannotWorkIsRefused() {
    assertThatThrownBy(() -> load("scaling: {mode: webhook}\n"))
        .hasMessageContaining("scaling.webhook is not set");
    assertThatThrownBy(() -> load("scaling: {mode: webhook, webhook: 'ftp://x/y'}\n"))
        .hasMessageContaining("an http or https address");
    assertThatThrownBy(() -> load("scaling: {mode: local}\n"))
        .hasMessageContaining("there are no voters");
    assertThatThrownBy(() -> load("scaling: {mode: sideways}\n"))
        .hasMessageContaining("off, local or webhook");
    assertThatThrownBy(() -> load("scaling: {min_nodes: 5, max_nodes: 4}\n"))
        .hasMessageContaining("scaling.max_nodes (4)");
    assertThatThrownBy(() -> load("scaling: {up_above: 2, down_below: 2}\n"))
        .hasMessageContaining("scaling.up_above (2.0) must be greater than scaling.down_below");
    assertThatThrownBy(() -> load("scaling: {up_above: many}\n"))
        .hasMessageContaining("scaling.up_above")
        .hasMessageContaining("is \"many\" but must be a number from 0 to 1000000");
    assertThatThrownBy(() -> load("scaling: {down_below: -1, cooldown: NaN}\n"))
        .hasMessageContaining("is \"-1\" but must be a number")
        .hasMessageContaining("is \"NaN\" but must be a duration");
  }

  @Test
  void scalingByWebhookIsRead() {
    assertThat(load("scaling: {mode: off}\n").scaling().mode())
        .isEqualTo(NodeConfig.ScalingMode.OFF);
    var scaling =
        load("scaling: {mode: webhook, webhook: 'http://scaler.lab/hook', max_nodes: 7}\n")
            .scaling();
    assertThat(scaling.mode()).isEqualTo(NodeConfig.ScalingMode.WEBHOOK);
    assertThat(scaling.webhook()).contains(java.net.URI.create("http://scaler.lab/hook"));
    assertThat(scaling.maxNodes()).isEqualTo(7);
    assertThat(load("scaling: {up_above: 1.5, down_below: 0, cooldown: 1s}\n").scaling().when())
        .isEqualTo(new NodeConfig.ScaleWhen(1.5, 0, Duration.ofSeconds(1)));
  }

  @Test
  void trainingIsReadWithItsGate() {
    var training =
        load("""
        training:
          configs: [hex5_2p]
          min_games: 600
          cooldown: 1s
          params: {epochs: "8"}
          gate: {rule: interval, pairs: 40, above_share: 0.52, params: {simulations: "32"}}
        """)
            .training();
    assertThat(training.configs()).containsExactly("hex5_2p");
    assertThat(training.thresholds().minGames()).isEqualTo(600);
    assertThat(training.thresholds().newGames()).isEqualTo(1000);
    assertThat(training.thresholds().cooldown()).isEqualTo(Duration.ofSeconds(1));
    assertThat(training.trainer().params()).containsEntry("epochs", "8");
    assertThat(training.trainer().minMemoryGib()).isEqualTo(8);
    assertThat(training.trainer().patience()).isEqualTo(Duration.ofSeconds(30));
    assertThat(training.gate().policy().getInterval().getPairs()).isEqualTo(40);
    assertThat(training.gate().params()).containsEntry("simulations", "32");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "min_games: 0 | training.min_games | 0 | a whole number from 1 to 1000000000",
        "min_games: -1 | training.min_games | -1 | a whole number from 1",
        "min_games: 1000000000000 | training.min_games | 1000000000000 | a whole number from 1",
        "min_games: 1.5 | training.min_games | 1.5 | a whole number from 1",
        "new_games: 0 | training.new_games | 0 | a whole number from 1",
        "min_games_floor: 0 | training.min_games_floor | 0 | a whole number from 1",
        "new_games_floor: -7 | training.new_games_floor | -7 | a whole number from 1",
        "cooldown: -1s | training.cooldown | -1s | a duration",
        "cooldown: 11000d | training.cooldown | 11000d | at most 10 years",
        "shortest_cooldown: -5 | training.shortest_cooldown | -5 | a duration",
        "interval: 0s | training.interval | 0s | at least 10ms",
        "timeout: 0 | training.timeout | 0 | at least 1s",
        "timeout: 500ms | training.timeout | 500ms | at least 1s",
        "max_files: 0 | training.max_files | 0 | a whole number from 1 to 256",
        "rating_pairs: -1 | training.rating_pairs | -1 | a whole number from 0 to 1000",
        "min_memory_gb: -1 | training.min_memory_gb | -1 | a whole number from 0 to 100000",
        "min_memory_gb: 1000000 | training.min_memory_gb | 1000000 | a whole number from 0",
        "patience: -1s | training.patience | -1s | a duration",
        "patience: soon | training.patience | soon | a duration",
        "gate: {timeout: 0s} | training.gate.timeout | 0s | at least 1s",
        "gate: {pairs_per_chunk: 0} | training.gate.pairs_per_chunk | 0 | a whole number from 1",
        "gate: {chunks_at_once: 65} | training.gate.chunks_at_once | 65 | from 1 to 64",
        "gate: {alpha: 0} | alpha | 0.0 | between 0.0 and 0.5",
        "gate: {beta: 1} | beta | 1.0 | between 0.0 and 0.5",
        "gate: {alpha: NaN} | alpha | NaN | between 0.0 and 0.5",
        "gate: {elo0: 10, elo1: 10} | elo0 | 10.0 | less than elo1",
        "gate: {elo1: Infinity} | elo0 | 0.0 | less than elo1",
        "gate: {most_pairs: 0} | training.gate.most_pairs | 0 | a whole number from 1",
        "gate: {most_pairs: 40001} | training.gate.most_pairs | 40001 | from 1 to 40000",
        "gate: {rule: fixed, pairs: 0} | training.gate.pairs | 0 | a whole number from 1",
        "gate: {rule: fixed, least_share: 1.5} | share | 1.5 | between 0.0 and 1.0",
        "gate: {rule: interval, above_share: -0.1} | share | -0.1 | between 0.0 and 1.0"
      })
  void thresholdsOfNothingLessOrAbsurdSizeAreRefusedByNameValueAndRule(
      String line, String field, String value, String rule) {
    assertThatThrownBy(() -> load("training:\n  configs: [hex5_2p]\n  " + line + "\n"))
        .hasMessageContaining(field + " is \"" + value + "\" but must be ")
        .hasMessageContaining(rule);
  }

  @Test
  void everyFaultOfTheTrainingSectionIsToldAtOnce() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    training:
                      configs: [hex]
                      min_games: 0
                      new_games: -5
                      max_files: 100000
                      cooldown: soon
                      gate: {rule: sequential, alpha: 2, chunks_at_once: 0}
                    """))
        .hasMessageContaining("training.configs")
        .hasMessageContaining("training.min_games")
        .hasMessageContaining("training.new_games")
        .hasMessageContaining("training.max_files")
        .hasMessageContaining("training.cooldown")
        .hasMessageContaining("training.gate.chunks_at_once")
        .hasMessageContaining("alpha");
  }

  @Test
  void aBoardThatNobodyPlaysIsTrainedByNobody() {
    assertThatThrownBy(() -> load("training: {configs: [sqare8_2p]}"))
        .hasMessageContaining("training.configs is \"sqare8_2p\" but must be ")
        .hasMessageContaining("the board one of");
  }

  @Test
  void trainersAndGauntletsThatAreDeclaredNowhereAreWarnedOf() {
    var config =
        load("training: {configs: [hex5_2p], workload: hex-trian, gate: {workload: gauntlte}}");
    assertThat(config.warnings())
        .satisfiesExactlyInAnyOrder(
            trainer -> assertThat(trainer).contains("training.workload is hex-trian"),
            gate -> assertThat(gate).contains("training.gate.workload is gauntlte"));
  }

  @Test
  void nothingIsTrainedUnlessItIsNamed() {
    assertThat(load("cluster_id: lab\n").training().configs()).isEmpty();
  }
}
