package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.state.GatePolicies;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.training.v1.FixedShare;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.IntervalShare;
import io.ringrift.training.v1.SequentialTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The `training` section: what is trained, when, and how candidates are judged.
final class Trainings {
  /// A gate's openings are at most 100,000, and as many pairs may break as are finished.
  private static final int MOST_PAIRS = 40_000;

  private static final Set<String> FIELDS =
      Set.of(
          "configs",
          "min_games",
          "new_games",
          "min_games_floor",
          "new_games_floor",
          "cooldown",
          "shortest_cooldown",
          "interval",
          "max_files",
          "workload",
          "timeout",
          "min_memory_gb",
          "patience",
          "params",
          "gate",
          "rating_pairs");
  private static final Set<String> GATE_FIELDS =
      Set.of(
          "rule",
          "alpha",
          "beta",
          "elo0",
          "elo1",
          "most_pairs",
          "pairs",
          "least_share",
          "above_share",
          "pairs_per_chunk",
          "chunks_at_once",
          "workload",
          "params",
          "timeout");
  private static final int MOST_GAMES = 1_000_000_000;
  private static final int MOST_PARAMS = 24;

  /// Time is told in seconds; an attempt without any would end before it began.
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

  private final Settings settings;
  private final Faults faults;
  private final Set<String> templates;
  private final TrainingConfig usual = TrainingConfig.defaults();

  /// @param templates names of those that are declared
  Trainings(Settings settings, Faults faults, Set<String> templates) {
    this.settings = settings;
    this.faults = faults;
    this.templates = Set.copyOf(templates);
  }

  TrainingConfig read(YamlFile file) {
    JsonNode section = file.at("training").orElseGet(JsonNodeFactory.instance::objectNode);
    if (!section.isObject()) {
      faults.invalid("training", section.asText(), "a mapping, see docs/LEARNING.md");
      return usual;
    }
    var at = new Section("training", section, settings, faults);
    at.warnUnknown(FIELDS);
    var gate = at.section("gate");
    gate.warnUnknown(GATE_FIELDS);
    var trainer = usual.trainer();
    return new TrainingConfig(
        configs(at),
        new TrainingConfig.Trainer(
            template(at, trainer.workload()),
            at.texts("params"),
            at.whole("max_files", trainer.mostFiles(), 1, 256),
            at.duration("timeout", trainer.timeout(), SHORTEST_TIMEOUT),
            at.whole("min_memory_gb", trainer.minMemoryGib(), 0, 100_000),
            at.duration("patience", trainer.patience(), Duration.ZERO)),
        thresholds(at),
        gauntlets(at, gate),
        at.duration("interval", usual.interval(), SHORTEST_INTERVAL));
  }

  private List<String> configs(Section at) {
    var configs = new ArrayList<String>();
    for (String config : at.list("configs")) {
      var wrong = SelfplaySection.wrong(config);
      wrong.ifPresent(rule -> faults.invalid("training.configs", config, rule));
      if (wrong.isEmpty()) {
        configs.add(config);
      }
    }
    return configs;
  }

  private String template(Section at, String usual) {
    String template = at.text("workload", usual);
    Templates.warnUndeclared(faults, at.name() + ".workload", template, templates);
    return template;
  }

  private TrainingConfig.Thresholds thresholds(Section at) {
    var figures = usual.thresholds();
    return new TrainingConfig.Thresholds(
        at.whole("min_games", figures.minGames(), 1, MOST_GAMES),
        at.whole("new_games", figures.newGames(), 1, MOST_GAMES),
        at.whole("min_games_floor", figures.minGamesFloor(), 1, MOST_GAMES),
        at.whole("new_games_floor", figures.newGamesFloor(), 1, MOST_GAMES),
        at.duration("cooldown", figures.cooldown(), Duration.ZERO),
        at.duration("shortest_cooldown", figures.shortestCooldown(), Duration.ZERO));
  }

  private TrainingConfig.Gauntlets gauntlets(Section at, Section gate) {
    var figures = usual.gate();
    int pairs = gate.whole("pairs_per_chunk", figures.pairsPerChunk(), 1, 1000);
    return new TrainingConfig.Gauntlets(
        template(gate, figures.workload()),
        gate.texts("params"),
        policy(gate, pairs),
        pairs,
        gate.whole("chunks_at_once", figures.chunksAtOnce(), 1, 64),
        at.whole("rating_pairs", figures.ratingPairs(), 0, 1000),
        gate.duration("timeout", figures.timeout(), SHORTEST_TIMEOUT));
  }

  private GatePolicy policy(Section gate, int pairs) {
    var policy = GatePolicy.newBuilder();
    String rule = gate.text("rule", "sequential");
    switch (rule) {
      case "sequential" -> {
        var figures = usual.gate().policy().getSequential();
        policy.setSequential(
            SequentialTest.newBuilder()
                .setAlpha(gate.number("alpha", figures.getAlpha()))
                .setBeta(gate.number("beta", figures.getBeta()))
                .setElo0(gate.number("elo0", figures.getElo0()))
                .setElo1(gate.number("elo1", figures.getElo1()))
                .setMostPairs(gate.whole("most_pairs", figures.getMostPairs(), 1, MOST_PAIRS)));
      }
      case "fixed" ->
          policy.setFixed(
              FixedShare.newBuilder()
                  .setPairs(gate.whole("pairs", 100, 1, MOST_PAIRS))
                  .setLeastShare(gate.number("least_share", 0.55)));
      case "interval" ->
          policy.setInterval(
              IntervalShare.newBuilder()
                  .setPairs(gate.whole("pairs", 100, 1, MOST_PAIRS))
                  .setAboveShare(gate.number("above_share", 0.5)));
      default -> {
        faults.invalid("training.gate.rule", rule, "sequential, fixed or interval");
        return usual.gate().policy();
      }
    }
    return faults.guard(usual.gate().policy(), () -> checked(policy.build(), pairs));
  }

  private static GatePolicy checked(GatePolicy policy, int pairsPerChunk) {
    try {
      GatePolicies.check(policy, pairsPerChunk);
    } catch (Refusal refusal) {
      throw Refusal.invalid(
          "training.gate", policy.toString().strip().replace('\n', ' '), refusal.text());
    }
    return policy;
  }

  /// Fields of one mapping; what is wrong is noted, and the usual value stands in. Whatever is
  /// asked for is shown as a setting.
  record Section(String name, JsonNode node, Settings settings, Faults faults) {
    Section section(String field) {
      return new Section(name + "." + field, node.path(field), settings, faults);
    }

    private String shown(String field, String usual) {
      String text = node.path(field).asText(usual);
      settings.show(name + "." + field, text, node.has(field) ? Origin.FILE : Origin.DEFAULT);
      return text;
    }

    void warnUnknown(Set<String> known) {
      node.properties().stream()
          .filter(e -> !known.contains(e.getKey()))
          .forEach(e -> faults.warn(name + "." + e.getKey() + " is not known and was ignored"));
    }

    String text(String field, String usual) {
      return shown(field, usual);
    }

    int whole(String field, int usual, int least, int greatest) {
      String label = name + "." + field;
      String text = shown(field, Integer.toString(usual));
      return faults.guard(usual, () -> Quantities.whole(label, text, least, greatest));
    }

    Duration duration(String field, Duration usual, Duration least) {
      String label = name + "." + field;
      String text = shown(field, Quantities.text(usual));
      return faults.guard(
          usual,
          () -> {
            Duration value = Quantities.duration(label, text);
            if (value.compareTo(least) < 0) {
              throw Refusal.invalid(label, text, "at least " + Quantities.text(least));
            }
            return value;
          });
    }

    double number(String field, double usual) {
      String text = shown(field, Double.toString(usual));
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        faults.invalid(name + "." + field, text, "a number");
        return usual;
      }
    }

    List<String> list(String field) {
      var items = new ArrayList<String>();
      JsonNode list = node.path(field);
      if (!list.isMissingNode() && !list.isArray()) {
        faults.invalid(name + "." + field, list.toString(), "a list");
      }
      list.forEach(item -> items.add(item.asText()));
      settings.show(
          name + "." + field,
          String.join(",", items),
          list.isMissingNode() ? Origin.DEFAULT : Origin.FILE);
      return items;
    }

    Map<String, String> texts(String field) {
      var texts = new LinkedHashMap<String, String>();
      JsonNode map = node.path(field);
      if (!map.isMissingNode() && !map.isObject()) {
        faults.invalid(name + "." + field, map.toString(), "a mapping of names to values");
      }
      map.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
      texts.forEach(
          (key, text) -> settings.show(name + "." + field + "." + key, text, Origin.FILE));
      if (texts.size() > MOST_PARAMS || texts.values().stream().anyMatch(v -> v.length() > 1000)) {
        faults.invalid(
            name + "." + field,
            texts.size() + " values",
            "at most " + MOST_PARAMS + " of at most 1000 characters");
      }
      return texts;
    }
  }
}
