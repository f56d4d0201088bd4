package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Boards;
import io.ringrift.managers.EngineModes;
import io.ringrift.managers.selfplay.SelfplayConfig;
import io.ringrift.node.config.NodeConfig.Queue;
import io.ringrift.node.config.NodeConfig.Selfplay;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// The file's `selfplay` section. What is not configured plays nothing.
final class SelfplaySection {
  private static final int MOST_CONFIGS = 64;
  private static final String CONFIG = "[a-z][a-z0-9_]{0,38}_[234]p";
  private static final String CONFIG_RULE = "a board and 2 to 4 players, for example hex8_2p";
  private static final String LARGE_BOARD_GIB = "48";
  private static final String MIN_MEMORY_GIB = "8";

  /// SPEC 5.5, table of caps; an item of the built-in templates keeps one processor busy.
  private static final String JOBS_PER_CPU = "0.3";

  private static final String BUILT_IN_JOBS_PER_CPU = "1.0";
  private static final double MOST_JOBS_PER_CPU = 10;
  private static final List<String> PRIORITIES = List.of("CRITICAL", "HIGH", "MEDIUM", "LOW");

  private final Settings settings;
  private final YamlFile file;
  private final Faults faults;
  private final Set<String> templates;

  /// @param templates names of those that are declared
  SelfplaySection(Settings settings, YamlFile file, Faults faults, Set<String> templates) {
    this.settings = settings;
    this.file = file;
    this.faults = faults;
    this.templates = Set.copyOf(templates);
  }

  Selfplay read(Queue queue) {
    boolean enabled = settings.read(Key.SELFPLAY_ENABLED, false, Quantities::flag);
    List<String> configs =
        settings.read(Key.SELFPLAY_CONFIGS, List.<String>of(), SelfplaySection::configs);
    int least = whole(Key.SELFPLAY_LEAST, 1, 1_000_000);
    int depth = whole(Key.SELFPLAY_DEPTH, 1, 1_000_000);
    check(enabled, configs, least, depth, queue);
    String workload = name(Key.SELFPLAY_WORKLOAD);
    String search =
        settings.read(
            Key.SELFPLAY_SEARCH_WORKLOAD,
            "",
            (field, text) -> text.isEmpty() ? "" : name(field, text));
    String engine = settings.read(Key.SELFPLAY_ENGINE, "", SelfplaySection::mode);
    String modelEngine = settings.read(Key.SELFPLAY_MODEL_ENGINE, "", SelfplaySection::mode);
    Templates.warnUndeclared(faults, Key.SELFPLAY_WORKLOAD.path(), workload, templates);
    Templates.warnUndeclared(faults, Key.SELFPLAY_SEARCH_WORKLOAD.path(), search, templates);
    warnOfGpuOnly(Key.SELFPLAY_ENGINE, engine, workload, search);
    warnOfGpuOnly(Key.SELFPLAY_MODEL_ENGINE, modelEngine, workload, search);
    boolean builtIn = builtIn(workload) && (search.isEmpty() || builtIn(search));
    return new Selfplay(
        enabled,
        configs,
        workload,
        search,
        engine,
        modelEngine,
        whole(Key.SELFPLAY_GAMES, 1, 1_000_000),
        least,
        depth,
        whole(Key.SELFPLAY_TARGET_GAMES, 1, Integer.MAX_VALUE),
        gib(Key.SELFPLAY_MIN_MEMORY, builtIn ? "0" : MIN_MEMORY_GIB),
        gib(Key.SELFPLAY_LARGE_BOARD, builtIn ? "0" : LARGE_BOARD_GIB),
        jobsPerCpu(builtIn ? BUILT_IN_JOBS_PER_CPU : JOBS_PER_CPU),
        whole(Key.SELFPLAY_CPU_ONLY, 0, 10_000),
        byConfig("selfplay.curriculum_weights", SelfplaySection::weight),
        byConfig("selfplay.board_overrides", SelfplaySection::priority));
  }

  private void check(boolean enabled, List<String> configs, int least, int depth, Queue queue) {
    if (enabled && configs.isEmpty()) {
      faults.invalid(
          settings.label(Key.SELFPLAY_CONFIGS),
          settings.text(Key.SELFPLAY_CONFIGS),
          "at least one configuration while selfplay.enabled is true");
    }
    if (least > depth) {
      faults.fault(
          "selfplay.min_queue_depth ("
              + least
              + ") must be at most selfplay.target_queue_depth ("
              + depth
              + ")");
    }
    if (enabled && depth > queue.hardLimit()) {
      faults.fault(
          "selfplay.target_queue_depth ("
              + depth
              + ") must be at most queue.hard_limit ("
              + queue.hardLimit()
              + ")");
    }
  }

  /// A template of the file that is silent on what it plays without a GPU plays another mode than
  /// the configured one there.
  private void warnOfGpuOnly(Key key, String engine, String workload, String search) {
    boolean searches = !search.isEmpty() && EngineModes.searches(engine);
    String told = search.isEmpty() || searches ? engine : EngineModes.simple(engine);
    String template = searches ? search : workload;
    JsonNode entry = file.at("workloads").orElse(NullNode.getInstance()).path(template);
    if (entry.isObject() && !entry.has("cpu_ok_modes") && EngineModes.requiresGpu(told)) {
      faults.warn(
          file.name()
              + ": workloads."
              + template
              + " has no cpu_ok_modes, so "
              + key.path()
              + " "
              + engine
              + " needs a GPU there and without one heuristic-only is played in its place; name"
              + " the modes that the template plays on processors, or [] for none");
    }
  }

  /// @param usual when nothing is set: none with the built-in templates, whose games are small
  private int gib(Key key, String usual) {
    String text = settings.text(key, usual, Origin.DEFAULT);
    return faults.guard(0, () -> Quantities.whole(settings.label(key), text, 0, 100_000));
  }

  private double jobsPerCpu(String usual) {
    Key key = Key.SELFPLAY_JOBS_PER_CPU;
    String text = settings.text(key, usual, Origin.DEFAULT);
    return faults.guard(1.0, () -> share(settings.label(key), text));
  }

  private static double share(String field, String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = 0;
    }
    if (value > 0 && value <= MOST_JOBS_PER_CPU) {
      return value;
    }
    throw Refusal.invalid(field, text, "a number above 0, at most 10");
  }

  private boolean builtIn(String template) {
    return HexWorkloads.all().stream().anyMatch(own -> own.name().equals(template))
        && file.at("workloads." + template).isEmpty();
  }

  private int whole(Key key, int least, int most) {
    return settings.read(key, least, (field, text) -> Quantities.whole(field, text, least, most));
  }

  private String name(Key key) {
    return settings.read(key, "", SelfplaySection::name);
  }

  private static String name(String field, String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,59}")) {
      throw Refusal.invalid(field, text, "1 to 60 of A-Z a-z 0-9 . _ -");
    }
    return text;
  }

  private static String mode(String field, String text) {
    if (!text.equals(SelfplayConfig.TABLE) && !EngineModes.known(text)) {
      throw Refusal.invalid(field, text, "table, or " + EngineModes.rule());
    }
    return text;
  }

  /// What is wrong with a configuration; empty when it can be played.
  static Optional<String> wrong(String config) {
    if (!config.matches(CONFIG)) {
      return Optional.of(CONFIG_RULE);
    }
    String board = config.substring(0, config.lastIndexOf('_'));
    return Boards.known(board)
        ? Optional.empty()
        : Optional.of("a board and 2 to 4 players, the board " + Boards.rule());
  }

  private static List<String> configs(String field, String text) {
    var all = new LinkedHashSet<>(Topology.split(text));
    for (String one : all) {
      wrong(one)
          .ifPresent(
              rule -> {
                throw Refusal.invalid(field, one, rule);
              });
    }
    if (all.size() > MOST_CONFIGS) {
      throw Refusal.invalid(field, all.size() + " entries", "at most " + MOST_CONFIGS);
    }
    return List.copyOf(all);
  }

  private <T> Map<String, T> byConfig(String section, BiFunction<String, String, T> reader) {
    var values = new TreeMap<String, T>();
    JsonNode node = file.at(section).orElse(NullNode.getInstance());
    if (node.isNull()) {
      return Map.of();
    }
    if (!node.isObject() || node.size() > MOST_CONFIGS) {
      faults.invalid(section, node.toString(), "a mapping of at most " + MOST_CONFIGS + " entries");
      return Map.of();
    }
    for (var entry : node.properties()) {
      String field = section + "." + entry.getKey();
      String text = entry.getValue().asText();
      var wrong = wrong(entry.getKey());
      if (wrong.isPresent()) {
        faults.invalid(section, entry.getKey(), wrong.get());
        continue;
      }
      settings.show(field, text, Origin.FILE);
      faults
          .guard(Optional.<T>empty(), () -> Optional.of(reader.apply(field, text)))
          .ifPresent(value -> values.put(entry.getKey(), value));
    }
    return Map.copyOf(values);
  }

  private static double weight(String field, String text) {
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= 10) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw Refusal.invalid(field, text, "a number from 0 to 10");
    }
    throw Refusal.invalid(field, text, "a number from 0 to 10");
  }

  /// 0 to 3, or its name.
  private static int priority(String field, String text) {
    int named = PRIORITIES.indexOf(text.strip().toUpperCase(Locale.ROOT));
    if (named >= 0) {
      return named;
    }
    if (!text.strip().matches("[0-3]")) {
      throw Refusal.invalid(field, text, "0 to 3, or CRITICAL, HIGH, MEDIUM or LOW");
    }
    return Integer.parseInt(text.strip());
  }
}
