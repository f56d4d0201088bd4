package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.selfplay.v1.SetModifiersRequest;
import io.ringrift.state.v1.RecordEvent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Bounds of what an operator may change, and the events that say so.
@Pure
final class ModifierRules {
  static final double FASTEST = 10;
  static final double LEAST_BOOST = 0.1;
  static final double MOST_BOOST = 10;
  static final Duration LONGEST = Duration.ofHours(24);

  private static final int LONGEST_ID = 100;
  private static final int LONGEST_REASON = 200;

  private ModifierRules() {}

  /// Events by what they set.
  ///
  /// @param played configurations that are played
  /// @throws Refusal INVALID_ARGUMENT naming field, value and rule
  static Map<String, RecordEvent> events(SetModifiersRequest request, List<ConfigKey> played) {
    var config = ConfigKey.parse("config_key", request.getConfigKey());
    if (!played.contains(config)) {
      throw Refusal.invalid(
          "config_key", request.getConfigKey(), "one of selfplay.configs, which are " + played);
    }
    longest("request_id", request.getRequestId(), LONGEST_ID);
    longest("reason", request.getReason(), LONGEST_REASON);
    if (!request.hasRate() && !request.hasExplorationBoost()) {
      throw Refusal.invalid("rate", "", "given, or exploration_boost, or both");
    }
    var events = new LinkedHashMap<String, RecordEvent>();
    if (request.hasRate()) {
      range("rate", request.getRate(), 0, FASTEST);
      events.put(
          "rate",
          event("SELFPLAY_RATE_CHANGED", request)
              .putAttributes("new_rate", Double.toString(request.getRate()))
              .build());
    }
    if (request.hasExplorationBoost()) {
      range("exploration_boost", request.getExplorationBoost(), LEAST_BOOST, MOST_BOOST);
      events.put(
          "exploration",
          event("EXPLORATION_BOOST", request)
              .putAttributes("boost_factor", Double.toString(request.getExplorationBoost()))
              .putAttributes("duration_seconds", Long.toString(seconds(request)))
              .build());
    }
    return events;
  }

  private static RecordEvent.Builder event(String kind, SetModifiersRequest request) {
    return RecordEvent.newBuilder()
        .setKind(kind)
        .setSubject(request.getConfigKey())
        .putAttributes("config_key", request.getConfigKey())
        .putAttributes("reason", request.getReason());
  }

  private static long seconds(SetModifiersRequest request) {
    if (!request.hasExplorationDuration()) {
      return Modifiers.BOOST_LASTS.toSeconds();
    }
    long seconds = request.getExplorationDuration().getSeconds();
    if (seconds < 1 || seconds > LONGEST.toSeconds()) {
      throw Refusal.invalid("exploration_duration", seconds + " s", "1 s to 24 h");
    }
    return seconds;
  }

  private static void range(String field, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw Refusal.invalid(field, Double.toString(value), least + " to " + most);
    }
  }

  private static void longest(String field, String value, int most) {
    if (value.length() > most) {
      throw Refusal.invalid(field, value, "at most " + most + " characters");
    }
  }
}
