package io.ringrift.chaos.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.ringrift.chaos.scenario.Scenario.Expectation;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.node.config.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads one scenario and tells everything that is wrong with it at once.
final class ScenarioFile {
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "description",
          "grounds",
          "not_on",
          "nodes",
          "workers",
          "timing",
          "modes",
          "memberships",
          "slices",
          "load",
          "faults",
          "expect");
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int MOST_FAULTS = 50;

  /// Of a link that is cut and joined again: less than the pauses between two looks shows nothing.
  private static final Duration LEAST_FLAP = Duration.ofMillis(50);

  /// Of a clock, so that it is seen for certain in the whole seconds that a node tells.
  private static final Duration LEAST_JUMP = Duration.ofSeconds(10);

  /// What clients do where a file does not say.
  private static final Set<String> LOAD = Set.of("queue", "files");

  /// What can be damaged.
  private static final List<String> DAMAGED =
      List.of("log", "raft-log", "cluster", "snapshots", "node.db", "data");

  private final List<String> faults = new ArrayList<>();

  private ScenarioFile() {}

  /// One of a user's own.
  ///
  /// @param file its path, as the user gave it
  /// @throws Refusal INVALID_ARGUMENT naming every fault
  static Scenario parse(String file, String text) {
    return parse(new Scenario.Origin(file, text), text);
  }

  static Scenario parse(Scenario.Origin origin, String text) {
    String file = origin.word();
    var reader = new ScenarioFile();
    Scenario scenario = reader.scenario(origin, reader.root(text));
    if (reader.faults.isEmpty()) {
      return scenario;
    }
    var told = new StringBuilder("scenario " + file + " has " + reader.faults.size() + " fault");
    told.append(reader.faults.size() == 1 ? "" : "s").append("; nothing was started:");
    reader.faults.forEach(fault -> told.append("\n  - ").append(fault));
    throw new Refusal(Reason.INVALID_ARGUMENT, told.toString());
  }

  private ObjectNode root(String text) {
    var mapper =
        new YAMLMapper(
            YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
    try {
      JsonNode tree = mapper.readTree(text);
      if (tree instanceof ObjectNode object) {
        return object;
      }
      faults.add("the file must be a YAML mapping");
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      faults.add(
          "line %s is no valid YAML: %s"
              .formatted(
                  at == null ? "?" : at.getLineNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("")));
    }
    return mapper.createObjectNode();
  }

  private Scenario scenario(Scenario.Origin origin, ObjectNode root) {
    var fields = new Fields("", root, faults);
    fields.onlyKnown(FIELDS);
    String name = fields.needed("name", "the scenario's name");
    if (!name.isEmpty() && !name.matches("[a-z0-9][a-z0-9-]{0,39}")) {
      fields.invalid("name", name, "1 to 40 of a-z 0-9 -, beginning with a letter or digit");
    }
    String timing = fields.scalar("timing").orElse("local");
    if (!Set.of("local", "lan", "wan").contains(timing)) {
      fields.invalid("timing", timing, "local, lan or wan");
    }
    int nodes = fields.whole("nodes", 3, 1, 7);
    int workers = fields.whole("workers", 0, 0, 3);
    var specs = faults(fields, nodes, workers);
    var grounds = fields.set("grounds", GroundKind.class, EnumSet.of(GroundKind.PROCESS));
    if (workers > 0 && grounds.contains(GroundKind.SIM)) {
      fields.invalid(
          "grounds",
          GroundKind.SIM.word(),
          "left out with workers: the simulation draws nodes beside the voters from its own seed");
    }
    var notOn = notOn(fields, grounds, specs);
    return new Scenario(
        name,
        origin,
        fields.needed("description", "what is done and what must hold"),
        grounds,
        notOn,
        nodes,
        workers,
        timing,
        fields.set("modes", ConsensusMode.class, EnumSet.allOf(ConsensusMode.class)),
        fields.set("memberships", MembershipMode.class, EnumSet.allOf(MembershipMode.class)),
        Set.copyOf(fields.words("slices")),
        work(fields.below("load")),
        specs,
        expectation(fields.below("expect")));
  }

  /// A ground that is left out has a reason: a fault that it cannot do, or one that the file gives.
  private Map<GroundKind, String> notOn(
      Fields fields, Set<GroundKind> grounds, List<FaultSpec> specs) {
    var reasons = new EnumMap<GroundKind, String>(GroundKind.class);
    Fields given = fields.below("not_on");
    given.onlyKnown(Set.of("process", "netns", "sim"));
    for (GroundKind ground : GroundKind.values()) {
      given.scalar(ground.word()).ifPresent(why -> reasons.put(ground, why));
      for (FaultSpec spec : grounds.contains(ground) ? specs : List.<FaultSpec>of()) {
        ground
            .cannot(spec.kind())
            .ifPresent(
                why ->
                    fields.invalid(
                        "grounds",
                        ground.word(),
                        "left out for " + spec.kind().word() + ": " + why));
      }
      boolean explained =
          reasons.containsKey(ground)
              || specs.stream().anyMatch(spec -> ground.cannot(spec.kind()).isPresent());
      if (!grounds.contains(ground) && !explained) {
        given.invalid(ground.word(), "", "the reason why this ground is left out of grounds");
      }
    }
    return reasons;
  }

  private Work work(Fields fields) {
    fields.onlyKnown(Set.of("clients", "kinds", "backlog", "pace"));
    var kinds = fields.has("kinds") ? Set.copyOf(fields.words("kinds")) : LOAD;
    for (String kind : kinds) {
      if (!Set.of("queue", "jobs", "files").contains(kind)) {
        fields.invalid("kinds", kind, "queue, jobs or files");
      }
    }
    return new Work(
        fields.whole("clients", 4, 1, 32),
        kinds,
        fields.whole("backlog", 0, 0, 20_000),
        fields.duration("pace", Duration.ofMillis(40), Duration.ofSeconds(10)));
  }

  private Expectation expectation(Fields fields) {
    fields.onlyKnown(
        Set.of(
            "leader_within",
            "recovered_within",
            "new_leader",
            "same_epoch",
            "served",
            "late_order"));
    return new Expectation(
        fields.duration("leader_within", Duration.ZERO, LONGEST),
        fields.duration("recovered_within", Duration.ZERO, LONGEST),
        fields.flag("new_leader"),
        fields.flag("same_epoch"),
        fields.flag("served"),
        fields.flag("late_order"));
  }

  private List<FaultSpec> faults(Fields fields, int nodes, int workers) {
    var specs = new ArrayList<FaultSpec>();
    var list = fields.list("faults");
    if (list.isEmpty() || list.size() > MOST_FAULTS) {
      fields.invalid("faults", list.size() + " entries", "a list of 1 to " + MOST_FAULTS);
    }
    for (Fields each : list) {
      each.one("kind", each.scalar("kind").orElse(""), FaultKind.class)
          .ifPresent(kind -> specs.add(fault(kind, each, nodes, workers)));
    }
    return specs;
  }

  private FaultSpec fault(FaultKind kind, Fields fields, int nodes, int workers) {
    fields.onlyKnown(kind.fields());
    for (String needed : kind.needed()) {
      if (!fields.has(needed)) {
        fields.invalid(needed, "", "given for " + kind.word());
      }
    }
    var options = new java.util.HashMap<String, String>();
    for (String name : fields.names()) {
      if (!Set.of("kind", "at", "for", "targets", "to").contains(name)) {
        option(fields, name).ifPresent(value -> options.put(name, value));
      }
    }
    Duration lasting = fields.duration("for", LONGEST, LONGEST);
    if (!fields.has("for") || lasting.isZero()) {
      fields.invalid("for", fields.scalar("for").orElse(""), "above 0: a fault ends by itself");
    }
    if (kind == FaultKind.FLAP) {
      flap(fields, lasting);
    }
    return new FaultSpec(
        kind,
        fields.duration("at", Duration.ZERO, LONGEST),
        lasting,
        targets(fields, "targets", nodes, workers),
        targets(fields, "to", nodes, workers),
        options);
  }

  /// It becomes as many isolations as fit.
  private static void flap(Fields fields, Duration lasting) {
    Duration every = fields.duration("every", LONGEST, Duration.ofSeconds(30));
    if (every.compareTo(LEAST_FLAP) < 0 || lasting.dividedBy(every.multipliedBy(2)) > MOST_FAULTS) {
      fields.invalid(
          "every",
          fields.scalar("every").orElse(""),
          "at least %s, and a %dth of for".formatted(Quantities.text(LEAST_FLAP), 2 * MOST_FAULTS));
    }
  }

  private static List<String> targets(Fields fields, String name, int nodes, int workers) {
    var words = fields.words(name);
    if (fields.has(name) && words.isEmpty()) {
      fields.invalid(name, "", Targets.rule(nodes, workers));
    }
    for (String word : words) {
      if (!Targets.known(word, nodes, workers)) {
        fields.invalid(name, word, Targets.rule(nodes, workers));
      }
    }
    return words;
  }

  private static java.util.Optional<String> option(Fields fields, String name) {
    switch (name) {
      case "one_way", "rolling", "behind" -> {
        return java.util.Optional.of(Boolean.toString(fields.flag(name)));
      }
      case "percent" -> {
        return java.util.Optional.of(Integer.toString(fields.whole(name, 1, 1, 100)));
      }
      case "parts" -> {
        return java.util.Optional.of(Integer.toString(fields.whole(name, 2, 2, 7)));
      }
      case "rate" -> {
        return java.util.Optional.of(Integer.toString(fields.whole(name, 0, 0, 20)));
      }
      case "by" -> {
        if (fields.duration(name, LEAST_JUMP, Duration.ofHours(1)).compareTo(LEAST_JUMP) < 0) {
          fields.invalid(
              name,
              fields.scalar(name).orElse(""),
              "at least " + Quantities.text(LEAST_JUMP) + ": nodes tell their clocks in seconds");
        }
      }
      case "delay", "jitter" -> {
        var _ = fields.duration(name, Duration.ZERO, Duration.ofSeconds(30));
      }
      case "mode" -> OtherModes.check(fields, name);
      case "setting" -> OddSettings.check(fields);
      case "file" -> {
        String file = fields.scalar(name).orElse("");
        if (!DAMAGED.contains(file)) {
          fields.invalid(name, file, "one of " + String.join(", ", DAMAGED));
        }
      }
      default -> {}
    }
    return fields.scalar(name);
  }
}
