package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/// Records figures, and tells which of them are bad or will be (SPEC 6, PredictiveMonitoring).
/// Series that got no sample for their whole window are forgotten, and their number is bounded.
@Pure
final class Forecast {
  static final int MOST_SERIES = 4096;

  /// @param elo rating of the best participant by board
  /// @param sinceTraining time since the last finished training by board; a board whose training
  ///   runs is left out
  record Readings(
      List<NodeLoad> nodes,
      int pending,
      Map<String, Double> elo,
      Map<String, Duration> sinceTraining) {}

  /// @param key what is throttled
  /// @param subject node, board or queue
  /// @param severity warning or critical
  record Alert(String key, String kind, String subject, String severity, String message) {}

  private final ForecastConfig config;
  private final Map<String, Trend> series = new HashMap<>();

  Forecast(ForecastConfig config) {
    this.config = config;
  }

  void reset() {
    series.clear();
  }

  int size() {
    return series.size();
  }

  /// Records the figures and says what is wrong; not yet throttled.
  List<Alert> step(Moment now, Readings readings) {
    var alerts = new ArrayList<Alert>();
    for (NodeLoad node : readings.nodes()) {
      if (node.alive()) {
        fills(now, alerts, "disk", node.nodeId(), node.diskPercent());
        fills(now, alerts, "memory", node.nodeId(), node.memoryPercent());
      }
    }
    backlog(now, alerts, readings.pending());
    readings.elo().forEach((board, elo) -> elo(now, alerts, board, elo));
    readings.sinceTraining().forEach((board, since) -> training(alerts, board, since));
    series.values().removeIf(trend -> now.since(trend.last()).compareTo(longest()) > 0);
    return alerts;
  }

  private Duration longest() {
    Duration longest = config.eloWindow();
    for (Duration other :
        List.of(config.diskAhead(), config.memoryAhead(), config.backlogWindow())) {
      longest = other.compareTo(longest) > 0 ? other : longest;
    }
    return longest;
  }

  private OptionalDouble slope(Moment now, String key, Duration window, double value) {
    if (!series.containsKey(key) && series.size() >= MOST_SERIES) {
      return OptionalDouble.empty();
    }
    Trend trend = series.computeIfAbsent(key, _ -> new Trend(window));
    trend.add(now, value);
    return trend.slopePerHour();
  }

  private void fills(Moment now, List<Alert> alerts, String what, String node, double used) {
    boolean disk = what.equals("disk");
    Duration ahead = disk ? config.diskAhead() : config.memoryAhead();
    double critical = disk ? config.diskCritical() : config.memoryCritical();
    String key = what + ":" + node;
    OptionalDouble slope = slope(now, key, ahead, used);
    if (used >= critical) {
      alerts.add(
          new Alert(
              key,
              what,
              node,
              "critical",
              String.format(Locale.ROOT, "%s of %s is %.1f %% full", what, node, used)));
      return;
    }
    double hours = slope.orElse(0) > 0 ? (100 - used) / slope.getAsDouble() : Double.MAX_VALUE;
    if (hours <= ahead.toMillis() / 3_600_000.0) {
      alerts.add(
          new Alert(
              key,
              what,
              node,
              "warning",
              String.format(
                  Locale.ROOT,
                  "%s of %s is %.1f %% full and will be full in %.1f h at %.2f %% an hour",
                  what,
                  node,
                  used,
                  hours,
                  slope.getAsDouble())));
    }
  }

  private void backlog(Moment now, List<Alert> alerts, int pending) {
    OptionalDouble slope = slope(now, "backlog", config.backlogWindow(), pending);
    boolean grows = slope.orElse(0) > config.backlogGrowth();
    if (pending > config.backlog() || grows) {
      alerts.add(
          new Alert(
              "backlog",
              "backlog",
              "queue",
              "warning",
              String.format(
                  Locale.ROOT, "%d items wait; %+.1f an hour", pending, slope.orElse(0))));
    }
  }

  private void elo(Moment now, List<Alert> alerts, String board, double elo) {
    OptionalDouble slope = slope(now, "elo:" + board, config.eloWindow(), elo);
    if (slope.orElse(0) < config.eloFall()) {
      alerts.add(
          new Alert(
              "elo:" + board,
              "elo",
              board,
              "warning",
              String.format(
                  Locale.ROOT,
                  "the best of %s is at %.0f and falls by %.1f an hour",
                  board,
                  elo,
                  -slope.getAsDouble())));
    }
  }

  private void training(List<Alert> alerts, String board, Duration since) {
    if (since.compareTo(config.trainingStall()) >= 0) {
      alerts.add(
          new Alert(
              "training:" + board,
              "training_stall",
              board,
              "warning",
              String.format(
                  Locale.ROOT,
                  "no training of %s has ended for %.1f h",
                  board,
                  since.toMinutes() / 60.0)));
    }
  }
}
