package io.ringrift.managers.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent.DutiesClosed;
import io.ringrift.kernel.LeadershipEvent.DutiesOpened;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A loop that is started anew by hand.
class LoopRestartTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofSeconds(5);

  private final AtomicInteger rounds = new AtomicInteger();
  private final LoopManager manager =
      new LoopManager(
          new BackoffConfig(NEVER, NEVER, 2, 0),
          Map.of(),
          Ticker.system(),
          () -> Instant.EPOCH,
          () -> 0.0);

  private void register(String name, boolean leaderOnly, LoopSpec.Round round) {
    manager.register(
        new LoopSpec(name, NEVER, Duration.ZERO, leaderOnly, List.of(), round, Map::of));
  }

  private void open() {
    manager.leadershipSubscriber().accept(new DutiesOpened(new Epoch(3)));
  }

  private void assertRefused(String name, Reason reason) {
    assertThatThrownBy(() -> manager.restart(name))
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.reason()).isEqualTo(reason));
    assertThat(manager.get(name).running()).isFalse();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void restartEndsTheRoundInProgress() throws InterruptedException {
    register(
        "a",
        false,
        _ -> {
          rounds.incrementAndGet();
          new CountDownLatch(1).await();
        });
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() == 1);
    assertThat(manager.restart("a")).isTrue();
    await().atMost(SOON).until(() -> rounds.get() == 2);
  }

  @Test
  void restartStartsALoopThatHadStopped() throws InterruptedException {
    register("own", false, _ -> {});
    register("led", true, _ -> {});
    manager.start();
    open();
    for (String name : List.of("own", "led")) {
      assertThat(manager.get(name).stop(SOON)).isTrue();
      assertThat(manager.restart(name)).isTrue();
      assertThat(manager.get(name).running()).isTrue();
    }
  }

  @Test
  void restartIsRefusedWhereTheLeaderIsElsewhere() {
    register("led", true, _ -> {});
    manager.start();
    assertRefused("led", Reason.NOT_LEADER);
  }

  @Test
  void nothingStartsOnceTheNodeStops() {
    register("own", false, _ -> {});
    register("led", true, _ -> {});
    manager.start();
    open();
    manager.close();
    assertRefused("own", Reason.ILLEGAL_TRANSITION);
    assertRefused("led", Reason.NOT_LEADER);
  }

  @Test
  void restartsAtOnceAllSucceed() throws Exception {
    register("a", false, _ -> rounds.incrementAndGet());
    manager.start();
    var restarts = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < 200; i++) {
      restarts.add(() -> manager.restart("a"));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var restart : threads.invokeAll(restarts)) {
        assertThat(restart.get()).isTrue();
      }
    }
    assertThat(manager.get("a").running()).isTrue();
  }

  @Test
  void dutiesCloseWhileARestartWaits() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var told = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    register(
        "led",
        true,
        _ -> {
          inside.countDown();
          awaitWhateverComes(release, told);
        });
    manager.start();
    open();
    inside.await();
    var restart = Thread.ofVirtual().start(this::restartLed);
    told.await();
    var closing = Thread.ofVirtual().start(this::closeDuties);
    await().atMost(Duration.ofSeconds(2)).until(() -> manager.openDuties().isEmpty());
    release.countDown();
    restart.join();
    closing.join();
    assertThat(manager.get("led").running()).isFalse();
  }

  private void restartLed() {
    try {
      var _ = manager.restart("led");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void closeDuties() {
    manager.leadershipSubscriber().accept(new DutiesClosed(new Epoch(3), "test"));
  }

  /// A round that does not heed its interrupt.
  private static void awaitWhateverComes(CountDownLatch latch, CountDownLatch interrupted) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    }
  }
}
