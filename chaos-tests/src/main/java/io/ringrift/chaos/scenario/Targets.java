package io.ringrift.chaos.scenario;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Turns words into nodes at the moment when a fault strikes. One thread.
public final class Targets {
  private static final Set<String> WORDS =
      Set.of(
          "all",
          "leader",
          "follower",
          "followers",
          "half",
          "minority",
          "majority",
          "leader-minority",
          "others");

  /// Nodes beside the voters.
  private static final Set<String> BESIDE = Set.of("worker", "workers");

  private final List<String> nodes;
  private final List<String> workers;
  private final SplittableRandom random;

  /// @param nodes the voters, in order
  /// @param workers the nodes beside them, in order
  public Targets(List<String> nodes, List<String> workers, SplittableRandom random) {
    this.nodes = List.copyOf(nodes);
    this.workers = List.copyOf(workers);
    this.random = random;
  }

  static boolean known(String word, int nodes, int workers) {
    return WORDS.contains(word)
        || isOne(word, 'n', nodes)
        || (workers > 0 && BESIDE.contains(word))
        || isOne(word, 'w', workers);
  }

  private static boolean isOne(String word, char letter, int most) {
    return word.matches(letter + "[1-9]") && Integer.parseInt(word.substring(1)) <= most;
  }

  static String rule(int nodes, int workers) {
    return "n1 to n"
        + nodes
        + (workers == 0 ? "" : ", w1 to w" + workers + ", worker, workers")
        + ", or one of all, follower, followers, half, leader, leader-minority (the leader among a"
        + " minority), majority, minority, others (all but the other end)";
  }

  /// Whether somebody who leads is meant by one of the words.
  public static boolean nameLeader(List<String> words) {
    return words.contains("leader") || words.contains("leader-minority");
  }

  /// @param leader who leads now, or led last; without one nobody is meant by `leader`
  /// @param end the other end of links; for `others`
  public List<String> resolve(List<String> words, Optional<String> leader, List<String> end) {
    var chosen = new LinkedHashSet<String>();
    for (String word : words) {
      chosen.addAll(one(word, leader, end));
    }
    return List.copyOf(chosen);
  }

  private List<String> one(String word, Optional<String> leader, List<String> end) {
    String head = leader.orElse(nodes.getFirst());
    List<String> followers = nodes.stream().filter(n -> !n.equals(head)).toList();
    int minority = (nodes.size() - 1) / 2;
    return switch (word) {
      case "all" -> nodes;
      case "leader" -> leader.stream().toList();
      case "followers" -> followers;
      case "follower" -> some(followers, 1);
      case "half" -> some(nodes, nodes.size() / 2);
      case "minority" -> some(followers, minority);
      case "majority" -> some(nodes, nodes.size() / 2 + 1);
      case "leader-minority" ->
          leader.isEmpty() ? List.of() : with(head, some(followers, minority - 1));
      case "worker" -> some(workers, 1);
      case "workers" -> workers;
      case "others" -> nodes.stream().filter(n -> !end.contains(n)).toList();
      default -> List.of(word);
    };
  }

  private static List<String> with(String first, List<String> rest) {
    var all = new ArrayList<>(List.of(first));
    all.addAll(rest);
    return all;
  }

  private List<String> some(List<String> from, int count) {
    var left = new ArrayList<>(from);
    var chosen = new ArrayList<String>();
    while (chosen.size() < count && !left.isEmpty()) {
      chosen.add(left.remove(random.nextInt(left.size())));
    }
    return chosen;
  }

  /// All nodes but these in that many parts of about equal size, in an order by chance.
  public List<List<String>> parts(int count, List<String> without) {
    List<String> rest = nodes.stream().filter(node -> !without.contains(node)).toList();
    List<String> mixed = some(rest, rest.size());
    var parts = new ArrayList<List<String>>();
    for (int i = 0; i < count; i++) {
      parts.add(
          List.copyOf(mixed.subList(i * mixed.size() / count, (i + 1) * mixed.size() / count)));
    }
    return List.copyOf(parts);
  }
}
