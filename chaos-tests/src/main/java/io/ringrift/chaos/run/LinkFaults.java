package io.ringrift.chaos.run;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.kernel.Pure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Faults of links as rules for each direction.
@Pure
final class LinkFaults {
  private static final Set<FaultKind> KINDS =
      Set.of(
          FaultKind.CUT,
          FaultKind.SPLIT,
          FaultKind.ISOLATE,
          FaultKind.BRIDGE,
          FaultKind.RING,
          FaultKind.DELAY,
          FaultKind.LOSS,
          FaultKind.RESET,
          FaultKind.TRUNCATE,
          FaultKind.DUPLICATE,
          FaultKind.REORDER);

  /// How long something is held for others to overtake it, where a file does not say.
  static final Duration HOLD = Duration.ofMillis(100);

  private final List<String> nodes;

  /// @param nodes all of the cluster, in order
  LinkFaults(List<String> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  static boolean concerns(FaultKind kind) {
    return KINDS.contains(kind);
  }

  /// Rules of one fault alone.
  ///
  /// @param targets whom it strikes, resolved
  /// @param to the other end, resolved
  /// @param parts of the nodes, for a split without targets, and of all but the targets beside a
  ///   bridge
  Map<Link, LinkRule> rules(
      FaultSpec fault, List<String> targets, List<String> to, List<List<String>> parts) {
    var rules = new HashMap<Link, LinkRule>();
    switch (fault.kind()) {
      case CUT -> between(rules, targets, to, LinkRule.CUT, fault.flag("one_way"));
      case SPLIT -> split(rules, targets.isEmpty() ? parts : List.of(targets, rest(targets)));
      case ISOLATE -> {
        for (String target : targets) {
          between(rules, List.of(target), rest(List.of(target)), LinkRule.CUT, false);
        }
      }
      case BRIDGE -> split(rules, parts);
      case RING -> ring(rules);
      case DELAY -> {
        var rule = LinkRule.delayed(fault.duration("delay"), fault.duration("jitter"));
        between(rules, targets, to, rule, false);
      }
      case LOSS -> between(rules, targets, to, LinkRule.losing(fault.number("percent", 0)), false);
      case RESET -> between(rules, targets, to, LinkRule.RESET, false);
      case TRUNCATE ->
          between(rules, targets, to, LinkRule.truncating(fault.number("percent", 0)), false);
      case DUPLICATE ->
          between(rules, targets, to, LinkRule.duplicating(fault.number("percent", 0)), false);
      case REORDER ->
          between(
              rules,
              targets,
              to,
              LinkRule.reordering(fault.number("percent", 0), hold(fault)),
              false);
      default -> throw new IllegalArgumentException(fault.kind() + " is no fault of links");
    }
    return rules;
  }

  static Duration hold(FaultSpec fault) {
    return fault.text("delay").isEmpty() ? HOLD : fault.duration("delay");
  }

  private List<String> rest(List<String> targets) {
    return nodes.stream().filter(node -> !targets.contains(node)).toList();
  }

  /// A link is named twice where both ends are on both sides, and fares as if named once.
  private static void between(
      Map<Link, LinkRule> rules,
      List<String> from,
      List<String> to,
      LinkRule rule,
      boolean oneWay) {
    for (String one : from) {
      for (String other : to) {
        if (!one.equals(other)) {
          rules.put(new Link(one, other), rule);
          if (!oneWay) {
            rules.put(new Link(other, one), rule);
          }
        }
      }
    }
  }

  private static void split(Map<Link, LinkRule> rules, List<List<String>> parts) {
    for (int i = 0; i < parts.size(); i++) {
      for (int j = i + 1; j < parts.size(); j++) {
        between(rules, parts.get(i), parts.get(j), LinkRule.CUT, false);
      }
    }
  }

  private void ring(Map<Link, LinkRule> rules) {
    int count = nodes.size();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        int apart = Math.floorMod(i - j, count);
        if (apart > 1 && apart < count - 1) {
          rules.put(new Link(nodes.get(i), nodes.get(j)), LinkRule.CUT);
        }
      }
    }
  }

  /// All of them at once.
  static Map<Link, LinkRule> merged(List<Map<Link, LinkRule>> all) {
    var merged = new HashMap<Link, LinkRule>();
    for (Map<Link, LinkRule> each : new ArrayList<>(all)) {
      each.forEach((link, rule) -> merged.merge(link, rule, LinkRule::and));
    }
    return merged;
  }
}
