package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.watch.ClusterWatch;
import io.ringrift.managers.watch.ScaleConfig;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.managers.watch.WatchConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Learning that stands still is told, whose runs are queue items and no jobs.
final class TrainingStallTest extends LearningBed {
  private static final Duration STALL = Duration.ofHours(6).plusMinutes(1);

  private final Ticker system = Ticker.system();
  private volatile Duration ahead = Duration.ZERO;
  private LoopSpec forecast;

  @Override
  Ticker ticker() {
    return () -> system.now().plus(ahead);
  }

  @BeforeEach
  void watch() {
    var watch =
        new ClusterWatch(
            services(),
            membership(),
            consensus,
            WatchConfig.of(true, ScaleConfig.DEFAULT),
            Scaler.NONE,
            ticker(),
            () -> {});
    forecast =
        watch.loops().stream()
            .filter(loop -> loop.name().equals("predictive_monitoring"))
            .findFirst()
            .orElseThrow();
  }

  /// What is alerted after a while.
  private List<Event> alertsAfter(Duration span) throws InterruptedException {
    ahead = ahead.plus(span);
    forecast.round().run(Optional.of(new Epoch(1)));
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.newBuilder().setPageSize(1000).build())
        .getEventsList()
        .stream()
        .filter(event -> event.getKind().equals("CLUSTER_ALERT"))
        .filter(event -> event.getAttributesOrThrow("alert").equals("training_stall"))
        .toList();
  }

  @Test
  void aConfigurationWhoseLastRunEndedLongAgoIsTold() throws InterruptedException {
    train(1);
    assertThat(alertsAfter(Duration.ofHours(5))).isEmpty();
    assertThat(alertsAfter(Duration.ofMinutes(61)))
        .singleElement()
        .satisfies(
            alert -> assertThat(alert.getAttributesOrThrow("message")).contains(CONFIG, "6.0 h"));
  }

  @Test
  void theNewestRunCounts() throws InterruptedException {
    train(1);
    ahead = STALL;
    train(2);
    assertThat(alertsAfter(Duration.ofHours(1))).isEmpty();
  }

  @Test
  void aRunUnderWayIsNoStandstill() throws InterruptedException {
    train(1);
    ahead = STALL;
    play(2, 100);
    round("training");
    assertThat(alertsAfter(Duration.ZERO)).isEmpty();
  }
}
