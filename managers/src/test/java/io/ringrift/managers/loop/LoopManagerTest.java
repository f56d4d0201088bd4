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
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopManagerTest {
  private static final Instant WALL = Instant.ofEpochSecond(1_000);
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final BackoffConfig QUICK =
      new BackoffConfig(Duration.ofMillis(20), Duration.ofMillis(40), 2, 0);

  private final AtomicInteger rounds = new AtomicInteger();
  private LoopManager manager = manager(Map.of());

  private static LoopManager manager(Map<String, Duration> intervals) {
    return new LoopManager(QUICK, intervals, Ticker.system(), () -> WALL, () -> 0.0);
  }

  private LoopSpec loop(String name, Duration interval, LoopSpec.Round round) {
    return new LoopSpec(name, interval, Duration.ZERO, false, List.of(), round, Map::of);
  }

  private LoopSpec counting(String name, Duration interval) {
    return loop(name, interval, _ -> rounds.incrementAndGet());
  }

  private LoopSpec leaderOnly(String name, LoopSpec.Round round) {
    return new LoopSpec(name, OFTEN, Duration.ZERO, true, List.of(), round, Map::of);
  }

  private LoopSpec failingTwice() {
    return loop(
        "a",
        NEVER,
        _ -> {
          if (rounds.incrementAndGet() < 3) {
            throw new IllegalStateException("broken");
          }
        });
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void loopRunsAgainAndAgain() {
    manager.register(counting("a", OFTEN));
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() >= 3);
    assertThat(manager.get("a").health().healthy()).isTrue();
  }

  @Test
  void wakeHastensTheNextRound() {
    manager.register(counting("a", NEVER));
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() == 1);
    manager.wake("a");
    await().atMost(SOON).until(() -> rounds.get() == 2);
  }

  @Test
  void failedRoundDoesNotEndTheLoop() {
    manager.register(failingTwice());
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().successfulRuns() == 1);
    var stats = manager.get("a").stats();
    assertThat(stats.failedRuns()).isEqualTo(2);
    assertThat(stats.consecutiveErrors()).isZero();
    assertThat(stats.lastError()).isEqualTo("broken");
    assertThat(stats.lastErrorAt()).contains(WALL);
    assertThat(stats.lastRunAt()).contains(WALL);
  }

  @Test
  void resetForgetsTheRoundsThatWere() {
    manager.register(failingTwice());
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().successfulRuns() == 1);
    manager.get("a").resetStats();
    assertThat(manager.get("a").stats()).isEqualTo(LoopStats.NONE);
    assertThat(manager.get("a").health().status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void loopThatFailsMoreOftenThanItSucceedsIsDegraded() {
    manager.register(failingTwice());
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().successfulRuns() == 1);
    var health = manager.get("a").health();
    assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(health.message()).isEqualTo("failure rate 67 %: broken");
  }

  @Test
  void loopThatDoesNotRunIsNotSick() {
    manager.register(counting("a", NEVER));
    assertThat(manager.get("a").health().message()).isEqualTo("stopped");
    assertThat(manager.get("a").health().healthy()).isTrue();
    assertThat(manager.health().healthy()).isTrue();
  }

  @Test
  void loopThatIsStartedTwiceIsOneLoop() throws InterruptedException {
    manager.register(counting("a", NEVER));
    manager.start();
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() >= 1);
    manager.get("a").runOnce(SOON);
    assertThat(rounds.get()).isEqualTo(2);
  }

  @Test
  void moreThanFiveFailuresInARowAreAnError() {
    manager.register(
        loop(
            "a",
            NEVER,
            _ -> {
              throw new Refusal(Reason.NO_QUORUM, "nobody leads");
            }));
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().consecutiveErrors() > 5);
    assertThat(manager.get("a").health().status()).isEqualTo(Health.Status.ERROR);
    assertThat(manager.health().status()).isEqualTo(Health.Status.DEGRADED);
  }

  @Test
  void pausedLoopRunsOnRequestOnly() throws InterruptedException {
    manager.register(counting("a", OFTEN));
    manager.start();
    manager.get("a").pause();
    manager.get("a").runOnce(SOON);
    int before = rounds.get();
    manager.get("a").runOnce(SOON);
    assertThat(rounds.get()).isEqualTo(before + 1);
    manager.get("a").resume();
    await().atMost(SOON).until(() -> rounds.get() > before + 2);
  }

  @Test
  void requestDuringARoundIsAnsweredByALaterOne() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    manager.register(
        loop(
            "a",
            NEVER,
            _ -> {
              inside.countDown();
              go.await();
              rounds.incrementAndGet();
            }));
    manager.start();
    inside.await();
    var asking = Thread.ofVirtual().start(go::countDown);
    manager.get("a").runOnce(SOON);
    asking.join();
    assertThat(rounds.get()).isEqualTo(2);
  }

  @Test
  void leaderOnlyLoopRunsWithTheEpochOfItsDuties() {
    var epochs = new ConcurrentLinkedQueue<Optional<Epoch>>();
    manager.register(leaderOnly("a", epochs::add));
    manager.start();
    assertThat(manager.get("a").running()).isFalse();
    assertThatThrownBy(() -> manager.get("a").runOnce(SOON))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.NOT_LEADER));
    manager.leadershipSubscriber().accept(new DutiesOpened(new Epoch(7)));
    await().atMost(SOON).until(() -> epochs.size() >= 2);
    assertThat(epochs).containsOnly(Optional.of(new Epoch(7)));
  }

  @Test
  void roundHasEndedWhenDutiesClosedReturns() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var active = new AtomicBoolean();
    manager.register(
        leaderOnly(
            "a",
            _ -> {
              active.set(true);
              inside.countDown();
              try {
                new CountDownLatch(1).await();
              } finally {
                active.set(false);
              }
            }));
    manager.start();
    manager.leadershipSubscriber().accept(new DutiesOpened(new Epoch(1)));
    inside.await();
    manager.leadershipSubscriber().accept(new DutiesClosed(new Epoch(1), "test"));
    assertThat(active.get()).isFalse();
    assertThat(manager.get("a").running()).isFalse();
    assertThat(manager.get("a").stats().failedRuns()).isZero();
  }

  @Test
  void loopThatIsStillEndingStartsAgainBehindItself() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var epochs = new ConcurrentLinkedQueue<Optional<Epoch>>();
    var loop =
        new PeriodicLoop(
            leaderOnly(
                "a",
                epoch -> {
                  epochs.add(epoch);
                  inside.countDown();
                  awaitUninterruptibly(release);
                }),
            QUICK,
            Ticker.system(),
            () -> WALL,
            () -> 0.0);
    loop.start(Optional.of(new Epoch(1)));
    inside.await();
    assertThat(loop.stop(Duration.ofMillis(10))).isFalse();
    loop.start(Optional.of(new Epoch(2)));
    release.countDown();
    await().atMost(SOON).until(() -> epochs.contains(Optional.of(new Epoch(2))));
    assertThat(loop.stop(SOON)).isTrue();
  }

  @Test
  void loopsThatStoppedAreStartedAgain() throws InterruptedException {
    manager.register(counting("own", OFTEN));
    manager.register(leaderOnly("led", _ -> {}));
    manager.register(leaderOnly("dutiless", _ -> {}));
    manager.loops().forEach(manager::register);
    manager.start();
    manager.leadershipSubscriber().accept(new DutiesOpened(new Epoch(3)));
    assertThat(manager.get("own").stop(SOON)).isTrue();
    assertThat(manager.get("led").stop(SOON)).isTrue();
    manager.get("loop_recovery").runOnce(SOON);
    assertThat(manager.get("own").running()).isTrue();
    assertThat(manager.get("led").running()).isTrue();
    assertThat(manager.loops().getFirst().counters().read()).containsEntry("loops_restarted", 2L);
  }

  @Test
  void aLeaderOnlyLoopIsNotStartedAgainWithoutAnOffice() throws InterruptedException {
    manager.register(leaderOnly("led", _ -> {}));
    manager.loops().forEach(manager::register);
    manager.start();
    manager.get("loop_recovery").runOnce(SOON);
    assertThat(manager.get("led").running()).isFalse();
  }

  @Test
  void aLoopMayPauseShorterThanOthersAfterFailures() {
    manager =
        new LoopManager(
            new BackoffConfig(NEVER, NEVER, 2, 0),
            Map.of("a", NEVER),
            Ticker.system(),
            () -> WALL,
            () -> 0.0);
    manager.register(failingTwice().pausingAtMost(OFTEN));
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().successfulRuns() == 1);
  }

  @Test
  void aLoopMayHaveAFirstPauseOfItsOwnAfterFailures() {
    manager =
        new LoopManager(
            new BackoffConfig(NEVER, NEVER, 2, 0),
            Map.of("a", NEVER),
            Ticker.system(),
            () -> WALL,
            () -> 0.0);
    manager.register(failingTwice().pausing(OFTEN, NEVER));
    manager.start();
    await().atMost(SOON).until(() -> manager.get("a").stats().successfulRuns() == 1);
  }

  @Test
  void intervalOfTheOperatorWins() {
    manager = manager(Map.of("a", OFTEN));
    manager.register(
        new LoopSpec("a", NEVER, NEVER, false, List.of(), _ -> rounds.incrementAndGet(), Map::of));
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() >= 2);
  }

  @Test
  void loopOfTheSameNameIsReplaced() {
    manager.register(loop("a", OFTEN, _ -> rounds.addAndGet(-1000)));
    manager.register(counting("a", OFTEN));
    manager.start();
    await().atMost(SOON).until(() -> rounds.get() >= 1);
  }

  @Test
  void loopWithoutAnIntervalIsRefused() {
    assertThatThrownBy(() -> manager.register(counting("a", Duration.ZERO)))
        .hasMessageContaining("loops.a.interval");
  }

  @Test
  void negativeDelayIsRefused() {
    var early = new LoopSpec("a", OFTEN, NEVER.negated(), false, List.of(), _ -> {}, Map::of);
    assertThatThrownBy(() -> manager.register(early)).hasMessageContaining("loops.a.initial_delay");
  }

  @Test
  void unknownLoopIsRefusedByName() {
    assertThatThrownBy(() -> manager.get("nothing"))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.LOOP_NOT_FOUND));
  }

  @Test
  void closeEndsARoundInProgress() throws InterruptedException {
    var inside = new CountDownLatch(1);
    manager.register(
        loop(
            "a",
            OFTEN,
            _ -> {
              inside.countDown();
              new CountDownLatch(1).await();
            }));
    manager.start();
    inside.await();
    manager.close();
    assertThat(manager.get("a").running()).isFalse();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // the test wants a round that does not heed its interrupt
      }
    }
  }
}
