package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.node.config.NodeConfig.Selfplay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelfplaySectionTest {
  @TempDir private Path folder;

  private final Map<String, String> env = new TreeMap<>();

  private NodeConfig load(String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
      return ConfigLoader.load(Optional.of(file), new Env(env), Map.of());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nothingConfiguredPlaysNothing() {
    assertThat(load("cluster_id: lab").selfplay())
        .isEqualTo(
            new Selfplay(
                false,
                List.of(),
                "hex-selfplay",
                "",
                "mcts",
                "nn",
                50,
                50,
                50,
                10_000,
                0,
                0,
                1.0,
                0,
                Map.of(),
                Map.of()));
  }

  @Test
  void everyFieldIsRead() {
    var config =
        load(
            """
            workloads:
              my-selfplay: {job_type: selfplay, argv: [/bin/true], cpu_ok_modes: []}
              my-search: {job_type: selfplay, argv: [/bin/true], cpu_ok_modes: []}
            selfplay:
              enabled: true
              configs: [hex5_2p, hex8_2p]
              workload: my-selfplay
              search_workload: my-search
              engine: table
              model_engine: gumbel-mcts
              games_per_item: 20
              min_queue_depth: 10
              target_queue_depth: 30
              target_games: 2000
              min_memory_gb: 0
              large_board_memory_gb: 24
              jobs_per_cpu: 0.5
              cpu_only_jobs: 4
              curriculum_weights: {hex5_2p: 1.5}
              board_overrides: {hex5_2p: critical, hex8_2p: 2}
            """);
    assertThat(config.selfplay())
        .isEqualTo(
            new Selfplay(
                true,
                List.of("hex5_2p", "hex8_2p"),
                "my-selfplay",
                "my-search",
                "table",
                "gumbel-mcts",
                20,
                10,
                30,
                2000,
                0,
                24,
                0.5,
                4,
                Map.of("hex5_2p", 1.5),
                Map.of("hex5_2p", 0, "hex8_2p", 2)));
    assertThat(config.warnings()).isEmpty();
  }

  private List<String> warnings(String template, String selfplay) {
    return load("""
    workloads:
      mine: {job_type: selfplay, argv: [/bin/true]%s}
    selfplay: {%s}
    """
            .formatted(template, selfplay))
        .warnings();
  }

  @Test
  void aTemplateThatIsSilentOnProcessorsIsWarnedOfWhenItsEngineNeedsAGpu() {
    assertThat(warnings("", "workload: mine"))
        .singleElement()
        .asString()
        .contains("workloads.mine", "cpu_ok_modes", "selfplay.engine mcts", "heuristic-only");
    assertThat(warnings("", "workload: hex-selfplay, search_workload: mine, model_engine: maxn"))
        .singleElement()
        .asString()
        .contains("selfplay.engine mcts");
    assertThat(warnings(", cpu_ok_modes: [mcts]", "workload: mine")).isEmpty();
    assertThat(warnings(", cpu_ok_modes: []", "workload: mine")).isEmpty();
    assertThat(warnings("", "workload: mine, engine: heuristic")).isEmpty();
    assertThat(warnings("", "workload: mine, search_workload: hex-selfplay")).isEmpty();
    assertThat(warnings("", "engine: gnn")).isEmpty();
  }

  @Test
  void aTemplateThatIsDeclaredNowhereIsWarnedOf() {
    assertThat(warnings("", "workload: hex-selfpaly"))
        .singleElement()
        .asString()
        .contains("selfplay.workload is hex-selfpaly", "hex-selfplay", "mine");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cluster_id: lab | 0 | 0 | 1.0",
        "workloads: {mine: {job_type: selfplay, argv: [x]}} | 0 | 0 | 1.0",
        "selfplay: {workload: mine} | 8 | 48 | 0.3",
        "selfplay: {search_workload: mine} | 8 | 48 | 0.3",
        "workloads: {hex-selfplay: {job_type: selfplay, argv: [x]}} | 8 | 48 | 0.3"
      })
  void theBuiltInTemplatesNeedNoMemoryAndPlayOnEveryProcessor(
      String file, int minMemory, int largeBoard, double jobsPerCpu) {
    var selfplay = load(file).selfplay();
    assertThat(selfplay.minMemoryGib()).isEqualTo(minMemory);
    assertThat(selfplay.largeBoardGib()).isEqualTo(largeBoard);
    assertThat(selfplay.jobsPerCpu()).isEqualTo(jobsPerCpu);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "configs: [sqare8_2p] | selfplay.configs | sqare8_2p | the board one of",
        "configs: [hex12_2p] | selfplay.configs | hex12_2p | or hex5 to hex11",
        "jobs_per_cpu: 0 | selfplay.jobs_per_cpu | 0 | above 0, at most 10",
        "jobs_per_cpu: 11 | selfplay.jobs_per_cpu | 11 | above 0, at most 10",
        "jobs_per_cpu: NaN | selfplay.jobs_per_cpu | NaN | above 0, at most 10",
        "jobs_per_cpu: many | selfplay.jobs_per_cpu | many | above 0, at most 10",
        "engine: mtcs | selfplay.engine | mtcs | table, or one of",
        "model_engine: nnn | selfplay.model_engine | nnn | table, or one of",
        "curriculum_weights: {hex4_2p: 1} | selfplay.curriculum_weights | hex4_2p | the board",
        "board_overrides: {chess_2p: 1} | selfplay.board_overrides | chess_2p | the board"
      })
  void whatNoItemMayNameIsRefusedByNameValueAndRule(
      String line, String field, String value, String rule) {
    assertThatThrownBy(() -> load("selfplay:\n  " + line + "\n"))
        .hasMessageContaining(field)
        .hasMessageContaining(" is \"" + value + "\" but must be ")
        .hasMessageContaining(rule);
  }

  @Test
  void theEnvironmentSetsWhatIsPlayed() {
    env.put("RINGRIFT_SELFPLAY_ENABLED", "true");
    env.put("RINGRIFT_SELFPLAY_CONFIGS", "hex5_2p,hex6_2p");
    env.put("RINGRIFT_P2P_MIN_MEMORY_GB", "64");
    var selfplay = load("cluster_id: lab").selfplay();
    assertThat(selfplay.configs()).containsExactly("hex5_2p", "hex6_2p");
    assertThat(selfplay.minMemoryGib()).isEqualTo(64);
  }

  @Test
  void everyFaultIsToldAtOnce() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    selfplay:
                      enabled: true
                      configs: [hex8]
                      games_per_item: 0
                      min_queue_depth: 40
                      target_queue_depth: 30
                      engine: "a b"
                      curriculum_weights: {hex5_2p: 11, hex9: 1}
                      board_overrides: {hex5_2p: urgent}
                    """))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("selfplay.configs")
        .hasMessageContaining("hex8")
        .hasMessageContaining("selfplay.games_per_item")
        .hasMessageContaining("selfplay.min_queue_depth (40) must be at most")
        .hasMessageContaining("selfplay.engine")
        .hasMessageContaining("selfplay.curriculum_weights.hex5_2p")
        .hasMessageContaining("hex9")
        .hasMessageContaining("selfplay.board_overrides.hex5_2p");
  }

  @Test
  void enabledWithoutConfigurationsIsRefused() {
    assertThatThrownBy(() -> load("selfplay: {enabled: true}"))
        .hasMessageContaining("selfplay.configs")
        .hasMessageContaining("at least one configuration");
  }

  @Test
  void aTargetBeyondTheQueuesHardLimitIsRefused() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    queue: {soft_limit: 5, hard_limit: 10}
                    selfplay: {enabled: true, configs: [hex5_2p]}
                    """))
        .hasMessageContaining("must be at most queue.hard_limit (10)");
  }
}
