package io.ringrift.chaos.scenario;

import io.ringrift.node.config.Quantities;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// One fault of a scenario, as its file has it and after all was checked.
///
/// @param at from the moment when the load runs
/// @param lasting until it ends by itself; zero for one that has no end of its own
/// @param targets whom it strikes, as words: names of nodes, or what `Targets` knows
/// @param to the other end of links; empty where the kind has none
/// @param options further fields by name
public record FaultSpec(
    FaultKind kind,
    Duration at,
    Duration lasting,
    List<String> targets,
    List<String> to,
    Map<String, String> options) {
  public FaultSpec {
    targets = List.copyOf(targets);
    to = List.copyOf(to);
    options = Map.copyOf(options);
  }

  public boolean flag(String option) {
    return Boolean.parseBoolean(options.getOrDefault(option, "false"));
  }

  public int number(String option, int otherwise) {
    String text = options.get(option);
    return text == null ? otherwise : Integer.parseInt(text);
  }

  /// Zero when it is not given.
  public Duration duration(String option) {
    return Quantities.duration(option, options.getOrDefault(option, "0s"));
  }

  public String text(String option) {
    return options.getOrDefault(option, "");
  }

  /// The same fault at another time.
  public FaultSpec during(Duration from, Duration span) {
    return new FaultSpec(kind, from, span, targets, to, options);
  }

  public Duration end() {
    return at.plus(lasting);
  }
}
