package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.scenario.Scenario.Work;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ClientsTest {
  private static final int ROOM = 60_000;

  private static Work work(int clients, long paceMillis) {
    return new Work(clients, Set.of("queue"), 0, Duration.ofMillis(paceMillis));
  }

  /// @return how many operations there are at the end, where a call takes 5 ms
  private static int operations(Work work, Duration length) {
    double done = 0;
    for (double seconds = 0; seconds < length.toSeconds() + 100; seconds += 0.1) {
      Duration pause = Clients.pause(work, length, ROOM - (int) done);
      done += 0.1 * work.clients() / (pause.toNanos() / 1e9 + 0.005);
    }
    return (int) done;
  }

  @Test
  void theHistoryOfALongRunIsNeverFull() {
    Duration longest = Runner.longest(3);
    for (Work work : new Work[] {work(32, 0), work(12, 10), work(4, 40)}) {
      assertThat(operations(work, longest)).isBetween(ROOM / 2, ROOM - 1);
    }
  }

  @Test
  void aShortRunIsAsQuickAsItsScenarioSays() {
    assertThat(Clients.pause(work(4, 40), Duration.ofSeconds(30), ROOM))
        .isEqualTo(Duration.ofMillis(40));
    assertThat(Clients.pause(work(12, 10), Duration.ofMinutes(5), ROOM / 2))
        .isGreaterThan(Duration.ofMillis(10));
  }

  @Test
  void whoEndsDoesNotWaitForLong() {
    assertThat(Clients.pause(work(4, 40), Duration.ofHours(1), 0)).isEqualTo(Duration.ofSeconds(5));
  }
}
