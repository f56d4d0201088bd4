package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.queue.QueueConfig;
import io.ringrift.managers.queue.QueueManager;
import io.ringrift.managers.queue.TrainingTerms;
import io.ringrift.queue.v1.CancelWorkRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The queue's maintenance over the real state: what a round forgets and tells.
final class QueueMaintenanceTest extends QueueBed {
  private static final Duration STALL = Duration.ofMinutes(5);

  private final Ticker system = Ticker.system();
  private Duration ahead = Duration.ZERO;
  private LoopSpec loop;

  @BeforeEach
  void maintain() {
    var defaults = QueueConfig.defaults();
    var config =
        new QueueConfig(
            defaults.maintenance(),
            Duration.ofMillis(1),
            STALL,
            defaults.mostWaiters(),
            defaults.longestWait());
    loop =
        new QueueManager(
                consensus,
                membership(),
                services(),
                config,
                TrainingTerms::defaults,
                () -> system.now().plus(ahead))
            .loops()
            .getFirst();
  }

  private void round() throws InterruptedException {
    loop.round().run(Optional.of(new Epoch(1)));
  }

  private long counter(String name) {
    return loop.counters().read().getOrDefault(name, -1L);
  }

  private List<String> stalls() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.getDefaultInstance())
        .getEventsList()
        .stream()
        .map(Event::getKind)
        .filter(kind -> kind.startsWith("WORK_QUEUE_"))
        .toList();
  }

  @Test
  void itemsThatMaintenanceForgetsAreCounted() {
    for (int i = 0; i < 3; i++) {
      String id = submit(Ledgers.selfplay()).getWorkId();
      var _ = queue().cancelWork(CancelWorkRequest.newBuilder().setWorkId(id).build());
    }
    submit(Ledgers.selfplay());
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              round();
              return counter("items_cleaned") == 3;
            });
  }

  @Test
  void aStallAndItsEndAreEventsWithCounters() throws InterruptedException {
    submit(Ledgers.selfplay());
    round();
    ahead = STALL.minusSeconds(1);
    round();
    assertThat(stalls()).isEmpty();
    ahead = STALL.plusSeconds(1);
    round();
    round();
    assertThat(stalls()).containsExactly("WORK_QUEUE_STALLED");
    queue().claimWork(claim("w").build());
    round();
    assertThat(stalls()).containsExactly("WORK_QUEUE_STALLED", "WORK_QUEUE_RECOVERED");
    assertThat(counter("stall_detected")).isEqualTo(1);
    assertThat(counter("stall_events_emitted")).isEqualTo(1);
    assertThat(counter("stalls_recovered")).isEqualTo(1);
  }
}
