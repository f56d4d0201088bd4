package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which changes are worth an event: a priority that moved by 2, a target of jobs that moved by 3
/// or by half (SPEC 5.5). What is seen for the first time is none. Not thread-safe.
@Pure
final class TargetNews {
  /// Most events of one round; the rest is told in the next.
  static final int MOST_EVENTS = 20;

  private final Map<ConfigKey, Integer> priorities = new HashMap<>();
  private final Map<String, Integer> jobs = new HashMap<>();

  /// One event.
  ///
  /// @param subject configuration or node
  /// @param attributes as SPEC 8 names them
  record News(String subject, Map<String, String> attributes) {}

  /// @param effective effective priority by configuration
  /// @param exploration exploration boost by configuration
  /// @param targets jobs by node
  List<News> changes(
      Map<ConfigKey, Integer> effective,
      Map<ConfigKey, Double> exploration,
      Map<String, Integer> targets) {
    var news = new ArrayList<News>();
    priorities.keySet().retainAll(effective.keySet());
    jobs.keySet().retainAll(targets.keySet());
    effective.forEach(
        (config, now) -> {
          int before = priorities.getOrDefault(config, now);
          int moved = Math.abs(now - before);
          if (moved >= 2 && news.size() < MOST_EVENTS) {
            news.add(ofPriority(config, before, now, exploration.getOrDefault(config, 1.0)));
            priorities.put(config, now);
          }
          priorities.putIfAbsent(config, now);
        });
    targets.forEach(
        (node, now) -> {
          int before = jobs.getOrDefault(node, now);
          if (moved(before, now, 3, 0.5) && news.size() < MOST_EVENTS) {
            news.add(ofJobs(node, before, now));
            jobs.put(node, now);
          }
          jobs.putIfAbsent(node, now);
        });
    return news;
  }

  private static boolean moved(int before, int now, int by, double share) {
    int moved = Math.abs(now - before);
    return moved >= by || (moved > 0 && moved >= share * before);
  }

  private static News ofPriority(ConfigKey config, int before, int now, double exploration) {
    return new News(
        config.toString(),
        Map.of(
            "config_key",
            config.toString(),
            "priority",
            Math.abs(now - before) >= 3 ? "high" : "normal",
            "reason",
            "effective priority " + before + " to " + now,
            "source",
            "selfplay_targets",
            "effective_priority",
            Integer.toString(now),
            "exploration_boost",
            Double.toString(exploration)));
  }

  private static News ofJobs(String node, int before, int now) {
    return new News(
        node,
        Map.of(
            "node_id",
            node,
            "priority",
            moved(before, now, 5, 0.75) ? "high" : "normal",
            "reason",
            "jobs " + before + " to " + now,
            "source",
            "selfplay_targets",
            "target_jobs",
            Integer.toString(now)));
  }
}
