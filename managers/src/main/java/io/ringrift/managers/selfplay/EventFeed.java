package io.ringrift.managers.selfplay;

import com.google.protobuf.Timestamp;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.Modifiers.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Keeps the modifiers by reading the ledger's events from this node's replica, so that every node
/// that reads has the same. How old an event is when it is first heard is told by the leaders'
/// clock that stamped it and the newest one; from then on this node's monotonic clock counts.
/// Blocks on RPC at this node, never with a lock held; safe for any thread.
final class EventFeed {
  private static final int PAGE = 1000;
  private static final int MOST_PAGES = 64;
  private static final long DEADLINE_SECONDS = 5;

  private final Services services;
  private final Ticker ticker;

  /// Also the lock of all that follows.
  private final Modifiers modifiers = new Modifiers();

  private long lastIndex;
  private long heard;
  private boolean reads;

  EventFeed(Services services, Ticker ticker) {
    this.services = services;
    this.ticker = ticker;
  }

  private record Heard(long index, Duration stamp, ConfigKey config, Input input) {}

  /// Takes over what happened since the last time.
  void refresh() {
    boolean well = false;
    try {
      read();
      well = true;
    } finally {
      note(well);
    }
  }

  private void read() {
    var relevant = new ArrayList<Heard>();
    long after = lastIndex();
    Duration newest = Duration.ZERO;
    for (int page = 0; page < MOST_PAGES; page++) {
      var events = page(after);
      if (events.isEmpty()) {
        break;
      }
      for (Event event : events) {
        Duration stamp = stamp(event.getTime());
        newest = newest.compareTo(stamp) < 0 ? stamp : newest;
        input(event)
            .flatMap(input -> config(event).map(c -> new Heard(event.getIndex(), stamp, c, input)))
            .ifPresent(relevant::add);
      }
      after = events.getLast().getIndex();
    }
    take(relevant, newest, after);
  }

  private java.util.List<Event> page(long after) {
    return EventServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .listEvents(ListEventsRequest.newBuilder().setAfterIndex(after).setPageSize(PAGE).build())
        .getEventsList();
  }

  /// Another reader may have been here meanwhile: what is not behind the last index is known.
  private void take(Iterable<Heard> relevant, Duration newest, long upTo) {
    Moment now = ticker.now();
    synchronized (modifiers) {
      for (Heard event : relevant) {
        if (event.index() > lastIndex) {
          Moment at = now.minus(newest.minus(event.stamp()));
          modifiers.apply(at, event.config(), event.input());
          heard++;
        }
      }
      lastIndex = Math.max(lastIndex, upTo);
    }
  }

  private long lastIndex() {
    synchronized (modifiers) {
      return lastIndex;
    }
  }

  private void note(boolean well) {
    synchronized (modifiers) {
      reads = well;
    }
  }

  /// Whether the last reading succeeded.
  boolean reads() {
    synchronized (modifiers) {
      return reads;
    }
  }

  /// Events that changed a modifier so far.
  long heard() {
    synchronized (modifiers) {
      return heard;
    }
  }

  Modifiers.Active of(ConfigKey config) {
    Moment now = ticker.now();
    synchronized (modifiers) {
      return modifiers.of(now, config);
    }
  }

  long exploring() {
    Moment now = ticker.now();
    synchronized (modifiers) {
      return modifiers.exploring(now);
    }
  }

  private static Duration stamp(Timestamp time) {
    return Duration.ofSeconds(time.getSeconds(), time.getNanos());
  }

  private static Optional<ConfigKey> config(Event event) {
    String text = event.getAttributesOrDefault("config_key", event.getSubject());
    try {
      return Optional.of(ConfigKey.parse("config_key", text));
    } catch (Refusal notOne) {
      return Optional.empty();
    }
  }

  /// What an event means here; empty for one of another kind or without sound figures.
  static Optional<Input> input(Event event) {
    var attributes = event.getAttributesMap();
    return switch (event.getKind()) {
      case "EXPLORATION_BOOST" -> explore(attributes);
      case "SELFPLAY_RATE_CHANGED" ->
          figure(attributes, "new_rate", 0, ModifierRules.FASTEST).map(Input.Rate::new);
      case "ELO_VELOCITY_CHANGED" -> trend(attributes).map(Input.Velocity::new);
      case "TRAINING_COMPLETED" -> Optional.of(new Input.Trained());
      case "PROMOTION_FAILED" -> Optional.of(new Input.PromotionFailed());
      case "MODEL_PROMOTED" -> Optional.of(new Input.Promoted());
      default -> Optional.empty();
    };
  }

  private static Optional<Input> explore(Map<String, String> attributes) {
    var factor =
        attributes.containsKey("boost_factor")
            ? figure(
                attributes, "boost_factor", ModifierRules.LEAST_BOOST, ModifierRules.MOST_BOOST)
            : Optional.of(Modifiers.BOOST);
    var seconds =
        attributes.containsKey("duration_seconds")
            ? figure(attributes, "duration_seconds", 0, (double) ModifierRules.LONGEST.toSeconds())
            : Optional.of((double) Modifiers.BOOST_LASTS.toSeconds());
    return factor.flatMap(
        f -> seconds.map(s -> new Input.Explore(f, Duration.ofMillis(Math.round(s * 1000)))));
  }

  private static Optional<Double> figure(
      Map<String, String> attributes, String name, double least, double most) {
    try {
      double value = Double.parseDouble(attributes.getOrDefault(name, ""));
      return value >= least && value <= most ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Modifiers.Trend> trend(Map<String, String> attributes) {
    return switch (attributes.getOrDefault("trend", "").toLowerCase(Locale.ROOT)) {
      case "accelerating" -> Optional.of(Modifiers.Trend.ACCELERATING);
      case "decelerating" -> Optional.of(Modifiers.Trend.DECELERATING);
      case "stable" -> Optional.of(Modifiers.Trend.STABLE);
      default -> Optional.empty();
    };
  }
}
