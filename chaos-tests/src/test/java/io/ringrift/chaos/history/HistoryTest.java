package io.ringrift.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HistoryTest {
  private final AtomicLong now = new AtomicLong(5000);
  private final RunClock clock = new RunClock(() -> new Moment(now.get()));
  private final History history = new History(clock, 3);

  @Test
  void timesCountFromTheStartOfTheRun() {
    now.set(5100);
    var call = history.invoke(History.ask("c1", Kind.READ, "a").withArgument("linearizable"));
    now.set(5250);
    call.ok(new Answer("a", "PENDING", 0, "", ""));

    Operation read = history.recorded().operations().getFirst();
    assertThat(read.invokedNanos()).isEqualTo(100);
    assertThat(read.returnedNanos()).isEqualTo(250);
    assertThat(read.ok()).isTrue();
    assertThat(read.argument()).isEqualTo("linearizable");
  }

  @Test
  void anAnswerNamesTheItemThatTheCallerDidNotKnow() {
    history.invoke(History.ask("c1", Kind.SUBMIT, "")).ok(Answer.done("a"));
    assertThat(history.recorded().operations().getFirst().key()).isEqualTo("a");
  }

  @Test
  void aCallWithoutAnAnswerIsUnknownAndNeverReturned() {
    var _ = history.invoke(History.ask("c1", Kind.SUBMIT, ""));
    history.invoke(History.ask("c2", Kind.SUBMIT, "")).unknown("timeout");
    assertThat(history.recorded().operations())
        .allSatisfy(
            o -> {
              assertThat(o.outcome()).isEqualTo(Outcome.UNKNOWN);
              assertThat(o.returnedNanos()).isEqualTo(Operation.NEVER);
            });
  }

  @Test
  void theFirstEndOfACallCounts() {
    var call = history.invoke(History.ask("c1", Kind.CANCEL, "a"));
    call.fail("NOT_FOUND");
    call.ok(Answer.done("a"));
    assertThat(history.recorded().operations().getFirst().outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void aFullHistoryCountsWhatItLeavesOut() {
    for (int i = 0; i < 5; i++) {
      assertThat(history.full()).isEqualTo(i == 4);
      history.invoke(History.ask("c1", Kind.CANCEL, "a")).ok(Answer.done("a"));
    }
    assertThat(history.recorded().operations()).hasSize(3);
    assertThat(history.recorded().dropped()).isEqualTo(2);
  }

  @Test
  void callsOfManyThreadsGetDifferentNumbers() throws InterruptedException {
    var shared = new History(clock, 10_000);
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int n = 0; n < 500; n++) {
                      shared.invoke(History.ask("c", Kind.READ, "a")).ok(Answer.done("a"));
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(shared.recorded().operations().stream().map(Operation::number).distinct())
        .hasSize(4000);
  }

  @Test
  void aHistoryWithoutRoomIsRefused() {
    assertThatThrownBy(() -> new History(clock, 0)).hasMessageContaining("capacity is 0");
  }
}
