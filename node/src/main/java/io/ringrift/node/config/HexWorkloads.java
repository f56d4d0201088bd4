package io.ringrift.node.config;

import io.ringrift.node.config.NodeConfig.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The templates of the built-in game of Hex: self-play, training, gauntlet and export. Paths that
/// a job gives are relative to the data root of the node that runs it.
final class HexWorkloads {
  private static final String PACKAGE = "io.ringrift.workloads.hex.";

  private HexWorkloads() {}

  static List<Workload> all() {
    return List.of(selfplay(), training(), gauntlet(), export());
  }

  private static Workload selfplay() {
    return new Workload(
        "hex-selfplay",
        "selfplay",
        argv(
            List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"),
            "SelfplayMain",
            "--games {games} --engine {engine_mode} --model {model} --simulations {simulations}"
                + " --output {output_dir} --job-id {job_id}"),
        Map.of(),
        Map.of("model", "", "simulations", ""),
        List.of("mcts", "gumbel-mcts", "nn-only"),
        0,
        "selfplay/{config_key}");
  }

  /// The model's name tells the attempt, for files never change and a later attempt may find more
  /// games; the checkpoints' does not, so that a later attempt goes on, on this node or another.
  private static Workload training() {
    return new Workload(
        "hex-train",
        "training",
        argv(
            List.of("-Xmx512m"),
            "TrainMain",
            "--data selfplay --files {inputs} --epochs {epochs} --batch {batch_size}"
                + " --learning-rate {learning_rate} --window {window} --min-games {min_games}"
                + " --parent {parent} --model-out {output_dir}/{job_id}_{attempt}.bin"
                + " --checkpoint-prefix training/{config_key}/{job_id}"),
        Map.of(),
        Map.of(
            "epochs", "10",
            "batch_size", "64",
            "learning_rate", "0.001",
            "window", "20000",
            "min_games", "10",
            "parent", ""),
        List.of(),
        0,
        "models/{config_key}");
  }

  private static Workload gauntlet() {
    return new Workload(
        "hex-gauntlet",
        "gauntlet",
        argv(
            List.of("-Xmx256m"),
            "GauntletMain",
            "--a {a} --b {b} --games {games} --simulations {simulations}"
                + " --game-timeout {game_timeout} --skip-openings {skip_openings}"
                + " --openings-total {openings_total} --out {output_dir}/{job_id}.jsonl"),
        Map.of(),
        Map.of(
            "b", "untrained",
            "simulations", "64",
            "game_timeout", "0",
            "skip_openings", "0",
            "openings_total", ""),
        List.of(),
        0,
        "training/gauntlet/{config_key}");
  }

  /// The name tells the attempt, for files never change and a later attempt may find more games.
  private static Workload export() {
    return new Workload(
        "hex-export",
        "export",
        argv(
            List.of("-Xmx512m"),
            "ExportMain",
            "--data selfplay --files {inputs} --window {window} --min-games {min_games}"
                + " --out {output_dir}/{job_id}_{attempt}.npz"),
        Map.of(),
        Map.of("window", "20000", "min_games", "1"),
        List.of(),
        0,
        "training/{config_key}");
  }

  private static List<String> argv(List<String> jvm, String main, String options) {
    var words = new ArrayList<>(List.of("{java}", "-XX:+UseSerialGC"));
    words.addAll(jvm);
    words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", "{workload_classpath}"));
    words.add(PACKAGE + main);
    words.addAll(List.of("--board", "{board}", "--players", "{players}", "--seed", "{seed}"));
    words.addAll(List.of("--root", "{data_dir}"));
    words.addAll(List.of(options.split(" ", -1)));
    return Workloads.resolve(words);
  }
}
