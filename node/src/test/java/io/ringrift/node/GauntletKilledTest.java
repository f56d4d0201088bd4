package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.node.cli.CommandLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Gauntlets of a whole node are killed by SIGKILL in the middle of a chunk: real games of a real
/// candidate, by the built-in gauntlet below a shell that ends both after the third game.
@Timeout(180)
class GauntletKilledTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAIRS = 8;
  private static final int PAIRS_OF_A_CHUNK = 4;

  private static final String CONFIG =
      """
        gauntlet-dies:
          job_type: gauntlet
          defaults: {b: untrained}
          output_dir: training/gauntlet/{config_key}
          argv:
            - /bin/sh
            - -c
            - |
              told="$0/$RINGRIFT_JOB_ID.$RINGRIFT_ATTEMPT"
              skip="$1" && shift
              "$@" 2>"$told" & player=$!
              if [ -e "$0/always" ] || [ "$skip/$RINGRIFT_ATTEMPT" = 0/1 ]; then
                until grep -q "^game 3/" "$told"; do sleep 0.01; done
                kill -9 "$player" $$
              fi
              wait "$player"
            - "TOLD"
            - "{skip_openings}"
            - "{java}"
            - -Xmx128m
            - -XX:+UseSerialGC
            - --enable-native-access=ALL-UNNAMED
            - -cp
            - "{workload_classpath}"
            - io.ringrift.workloads.hex.GauntletMain
            - --board
            - "{board}"
            - --seed
            - "{seed}"
            - --root
            - "{data_dir}"
            - --a
            - "{a}"
            - --b
            - "{b}"
            - --games
            - "{games}"
            - --simulations
            - "400"
            - --skip-openings
            - "{skip_openings}"
            - --openings-total
            - "{openings_total}"
            - --out
            - "{output_dir}/{job_id}.jsonl"
      training:
        configs: [hex5_2p]
        min_games: 1000000000
        interval: 500ms
        params: {epochs: "1"}
        rating_pairs: 0
        gate: {rule: fixed, pairs: 8, least_share: 0.5, pairs_per_chunk: 4, chunks_at_once: 1,
               workload: gauntlet-dies}
      """;

  private final Path folder;
  private final Path told;
  private final Nodes nodes;

  GauntletKilledTest(@TempDir Path folder) {
    this.folder = folder;
    this.told = folder.resolve("told");
    this.nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  @Test
  void theChunkIsPlayedAgainAndOneThatAlwaysDiesHoldsTheGate()
      throws IOException, InterruptedException {
    Files.createDirectories(told);
    Path yaml = folder.resolve("cluster.yaml");
    Files.writeString(yaml, Files.readString(yaml) + CONFIG.replace("TOLD", told.toString()));
    Files.createFile(told.resolve("always"));
    nodes.start("n1").awaitReady();
    String candidate = train();

    JsonNode held = ended(gate(_ -> true));
    requireHeld(held, candidate);

    Files.delete(told.resolve("always"));
    var judged = cli("model", "judge", candidate);
    assertThat(judged.code()).as(judged.err()).isZero();
    requireVerdict(ended(gate(other -> !id(other).equals(id(held)))), candidate);
  }

  private CommandLines.Result cli(String... words) {
    return CommandLines.run("127.0.0.1:" + nodes.port("n1"), words);
  }

  private static ConditionFactory soon() {
    return await().atMost(Nodes.SOON);
  }

  /// Plays and learns, as little as there can be.
  ///
  /// @return the candidate
  private String train() {
    String game = "--board hex5 --players 2 --games 20 --engine heuristic --seed 7";
    var words = new ArrayList<>(List.of("job", "spawn", "--workload", "hex-selfplay"));
    words.addAll(List.of(game.split(" ", -1)));
    var spawned = cli(words.toArray(String[]::new));
    assertThat(spawned.code()).as(spawned.err()).isZero();
    // refused until the files of the games were found
    soon().until(() -> cli("training", "dispatch", "hex5_2p").code() == 0);
    return soon()
        .until(
            () -> nodes.get("n1", "/v1/models").path("models").path(0).path("model_id").asText(),
            id -> !id.isEmpty());
  }

  private String gate(Predicate<JsonNode> which) {
    return soon()
        .until(
            () -> gates().stream().filter(which).map(GauntletKilledTest::id).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private JsonNode ended(String id) {
    return soon()
        .until(
            () -> gates().stream().filter(g -> id(g).equals(id)).findFirst().orElseThrow(),
            g -> !state(g).equals("GATE_STATE_OPEN"));
  }

  private List<JsonNode> gates() {
    var gates = new ArrayList<JsonNode>();
    nodes.get("n1", "/v1/gates").path("gates").forEach(gates::add);
    return gates;
  }

  private static String id(JsonNode progress) {
    return progress.path("gate").path("gate_id").asText();
  }

  private static String state(JsonNode progress) {
    return progress.path("gate").path("state").asText();
  }

  private JsonNode item(String gate, int chunk) {
    return nodes.get("n1", "/v1/work/" + gate + "-" + chunk).path("item");
  }

  private String stateOf(String model) {
    for (JsonNode each : nodes.get("n1", "/v1/models").path("models")) {
      if (each.path("model_id").asText().equals(model)) {
        return each.path("state").asText();
      }
    }
    return "";
  }

  private void requireHeld(JsonNode held, String candidate) throws IOException {
    String gate = id(held);
    assertThat(state(held)).isEqualTo("GATE_STATE_HELD");
    assertThat(held.path("gate").path("verdict").asText()).contains(gate + "-0 is failed");
    assertThat(held.path("pairs").asInt()).isZero();
    assertThat(stateOf(candidate)).isEqualTo("MODEL_STATE_CANDIDATE");
    assertThat(nodes.get("n1", "/v1/promotions").path("promotions")).isEmpty();
    assertThat(item(gate, 0).path("attempts").asInt()).isEqualTo(3);
    for (int attempt = 1; attempt <= 3; attempt++) {
      requireKilledHalfWay(gate, attempt);
    }
    assertThat(gamesOf(gate, 0)).isEmpty();
  }

  /// What it told when it was killed: some games, and not all.
  private void requireKilledHalfWay(String gate, int attempt) throws IOException {
    assertThat(Files.readString(told.resolve(gate + "-0." + attempt)).lines())
        .filteredOn(line -> line.startsWith("game "))
        .hasSizeBetween(3, 2 * PAIRS_OF_A_CHUNK - 1);
  }

  private void requireVerdict(JsonNode judged, String candidate) throws IOException {
    String gate = id(judged);
    requireKilledHalfWay(gate, 1);
    assertThat(item(gate, 0).path("attempts").asInt()).isEqualTo(2);
    assertThat(item(gate, 1).path("attempts").asInt()).isEqualTo(1);
    assertThat(item(gate, 2).isMissingNode()).as("a third chunk").isTrue();

    var byOpening = new HashMap<String, List<JsonNode>>();
    for (int chunk = 0; chunk < 2; chunk++) {
      List<JsonNode> games = gamesOf(gate, chunk);
      assertThat(games).hasSize(2 * PAIRS_OF_A_CHUNK);
      games.forEach(
          game ->
              byOpening
                  .computeIfAbsent(game.path("opening_moves").asText(), _ -> new ArrayList<>())
                  .add(game));
    }
    assertThat(byOpening).hasSize(PAIRS);
    assertThat(byOpening.values())
        .allSatisfy(
            pair ->
                assertThat(pair)
                    .extracting(g -> g.path("first").asText())
                    .containsExactlyInAnyOrder("a", "b"));

    assertThat(judged.path("pairs").asInt()).isEqualTo(PAIRS);
    assertThat(judged.path("share").asDouble()).isEqualTo(share(byOpening));
    boolean passed = share(byOpening) >= 0.5;
    assertThat(state(judged)).isEqualTo(passed ? "GATE_STATE_PASSED" : "GATE_STATE_FAILED");
    assertThat(stateOf(candidate))
        .isEqualTo(passed ? "MODEL_STATE_PROMOTED" : "MODEL_STATE_ARCHIVED");
  }

  /// The games that a chunk left behind; none when it never came to its end.
  private List<JsonNode> gamesOf(String gate, int chunk) throws IOException {
    String name = gate + "-" + chunk + ".jsonl";
    try (var files = Files.walk(folder.resolve("n1").resolve("data"))) {
      return files
          .filter(file -> file.endsWith(name))
          .flatMap(file -> lines(file).stream())
          .toList();
    }
  }

  private static List<JsonNode> lines(Path file) {
    try {
      var games = new ArrayList<JsonNode>();
      for (String line : Files.readAllLines(file)) {
        games.add(JSON.readTree(line));
      }
      return games;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double share(Map<String, List<JsonNode>> byOpening) {
    long won =
        byOpening.values().stream()
            .flatMap(List::stream)
            .filter(game -> game.path("winner").asText().equals("a"))
            .count();
    return won / (2.0 * PAIRS);
  }
}
