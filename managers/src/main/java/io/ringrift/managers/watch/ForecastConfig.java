package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// From where on a figure or its trend is an alert (SPEC 6, PredictiveMonitoring).
///
/// @param diskCritical percent that is an alert by itself
/// @param diskAhead window of the trend, and how long before the disk is full it is told
/// @param memoryCritical percent that is an alert by itself
/// @param memoryAhead as `diskAhead`
/// @param eloFall change per hour below which a ladder's best falls too fast; negative
/// @param eloWindow window of that trend
/// @param backlog pending items that are an alert by themselves
/// @param backlogGrowth growth per hour that is one
/// @param backlogWindow window of that trend
/// @param trainingStall time without a finished training of a board that has been trained
/// @param rest least gap between two alerts of one key
/// @param mostPerHour most alerts of an hour, all keys together
@Pure
record ForecastConfig(
    Duration interval,
    Duration delay,
    double diskCritical,
    Duration diskAhead,
    double memoryCritical,
    Duration memoryAhead,
    double eloFall,
    Duration eloWindow,
    int backlog,
    double backlogGrowth,
    Duration backlogWindow,
    Duration trainingStall,
    Duration rest,
    int mostPerHour) {
  static final ForecastConfig DEFAULT =
      new ForecastConfig(
          Duration.ofMinutes(5),
          Duration.ofSeconds(90),
          90,
          Duration.ofHours(4),
          95,
          Duration.ofHours(2),
          -5,
          Duration.ofHours(6),
          50,
          10,
          Duration.ofHours(1),
          Duration.ofHours(6),
          Duration.ofMinutes(30),
          20);

  ForecastConfig {
    Checks.positive("forecast.interval", interval);
    Checks.notNegative("forecast.delay", delay);
    Checks.percent("forecast.disk_critical", diskCritical);
    Checks.positive("forecast.disk_ahead", diskAhead);
    Checks.percent("forecast.memory_critical", memoryCritical);
    Checks.positive("forecast.memory_ahead", memoryAhead);
    Checks.require(eloFall < 0, "forecast.elo_fall", eloFall, "negative");
    Checks.positive("forecast.elo_window", eloWindow);
    Checks.atLeast("forecast.backlog", backlog, 0);
    Checks.require(backlogGrowth > 0, "forecast.backlog_growth", backlogGrowth, "positive");
    Checks.positive("forecast.backlog_window", backlogWindow);
    Checks.positive("forecast.training_stall", trainingStall);
    Checks.positive("forecast.rest", rest);
    Checks.atLeast("forecast.most_per_hour", mostPerHour, 1);
  }
}
