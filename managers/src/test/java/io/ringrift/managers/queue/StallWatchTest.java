package io.ringrift.managers.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.queue.StallWatch.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// SPEC 6, WorkQueueMaintenance; SPEC 14: stall once and recover.
final class StallWatchTest {
  private static final Epoch EPOCH = new Epoch(4);
  private final StallWatch watch = new StallWatch(Duration.ofMinutes(5));

  private Verdict at(long seconds, int pending, int held) {
    return at(EPOCH, seconds, pending, held);
  }

  private Verdict at(Epoch epoch, long seconds, int pending, int held) {
    return watch.step(epoch, new Moment(0).plus(Duration.ofSeconds(seconds)), pending, held);
  }

  @Test
  void aStallIsToldOnceUntilItHasRecovered() {
    assertThat(at(0, 3, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(299, 3, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(300, 3, 0)).isEqualTo(Verdict.STALLED);
    assertThat(at(900, 3, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(901, 2, 1)).isEqualTo(Verdict.RECOVERED);
    assertThat(at(902, 2, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(1202, 2, 0)).isEqualTo(Verdict.STALLED);
  }

  @Test
  void anEmptyQueueIsNoStall() {
    at(0, 1, 0);
    assertThat(at(200, 0, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(400, 1, 0)).isEqualTo(Verdict.NONE);
  }

  @Test
  void theTimeOfAnEarlierOfficeDoesNotCount() {
    at(0, 1, 0);
    assertThat(at(new Epoch(5), 10_000, 1, 0)).isEqualTo(Verdict.NONE);
    assertThat(at(new Epoch(5), 10_300, 1, 0)).isEqualTo(Verdict.STALLED);
  }

  @Test
  void anIntervalOfZeroIsRefused() {
    assertThatThrownBy(() -> QueueConfig.defaults().withMaintenance(Duration.ZERO))
        .hasMessageContaining("queue.maintenance");
  }
}
