package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What a node receives at once and how fast, with a clock that moves only when somebody waits.
final class IntakeTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private static final Duration LONG = Duration.ofMinutes(10);

  private final AtomicReference<Moment> now = new AtomicReference<>(new Moment(1_000_000_000L));

  @Test
  void transfersFromSeveralPeersShareTheCapOfTheNode() throws Exception {
    var intake = intake(new SyncConfig.Caps(1_000_000, 0, List.of(), 4));
    Moment start = now.get();

    try (var a = intake.from(A);
        var b = intake.from(B)) {
      for (int i = 0; i < 10; i++) {
        a.received(100_000);
        b.received(100_000);
      }
    }

    assertThat(seconds(start)).isBetween(1.8, 2.3);
  }

  @Test
  void transfersFromOnePeerShareItsCapAndAnotherPeerHasItsOwn() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 1_000_000, List.of(), 4));
    Moment start = now.get();

    try (var first = intake.from(A);
        var second = intake.from(A)) {
      for (int i = 0; i < 10; i++) {
        first.received(100_000);
        second.received(100_000);
      }
      assertThat(seconds(start)).isBetween(1.8, 2.3);
      try (var other = intake.from(B)) {
        Moment before = now.get();
        other.received(50_000);
        assertThat(seconds(before)).isLessThan(0.1);
      }
    }
  }

  @Test
  void aPeerHasTheCapOfTheFirstGlobThatCoversIt() {
    var caps =
        new SyncConfig.Caps(
            0, 70_000, List.of(new PeerCap("vast-?", 50_000), new PeerCap("*ast*", 0)), 4);

    assertThat(caps.ofPeer(new NodeId("vast-1"))).isEqualTo(50_000);
    assertThat(caps.ofPeer(new NodeId("vast-12"))).isZero();
    assertThat(caps.ofPeer(new NodeId("hetzner.1"))).isEqualTo(70_000);
    assertThat(new PeerCap("a.b", 0).covers(new NodeId("axb"))).isFalse();
  }

  @Test
  void anotherCapOfAPeerHoldsItBack() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 0, List.of(new PeerCap("a*", 1_000_000)), 4));
    Moment start = now.get();

    try (var pace = intake.from(A)) {
      pace.received(3_000_000);
    }

    assertThat(seconds(start)).isGreaterThan(2.5);
  }

  @Test
  void aRestEndsWithTheTimeOfTheTransfer() throws Exception {
    var intake = intake(new SyncConfig.Caps(10_000, 0, List.of(), 4), 4, Duration.ofSeconds(60));
    Moment start = now.get();

    try (var pace = intake.from(A)) {
      pace.received(250_000);
      pace.received(250_000);
      assertThatThrownBy(() -> pace.received(250_000))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED))
          .hasMessageContaining("sync.bandwidth");
    }

    assertThat(seconds(start)).isEqualTo(60);
  }

  @Test
  void aCapThatLetsNoChunkThroughInTimeIsRefused() {
    assertThatThrownBy(() -> intake(new SyncConfig.Caps(100, 0, List.of(), 4)))
        .isInstanceOfSatisfying(
            Refusal.class,
            r ->
                assertThat(r.details())
                    .containsEntry("field", "sync.bandwidth")
                    .containsEntry("value", "100"))
        .hasMessageContaining("at least 8739 bytes a second");
    assertThatThrownBy(() -> intake(new SyncConfig.Caps(0, 8738, List.of(), 4)))
        .hasMessageContaining("sync.peer_bandwidth");
    var slow = new SyncConfig.Caps(0, 0, List.of(new PeerCap("vast-*", 8738)), 4);
    assertThatThrownBy(() -> intake(slow))
        .hasMessageContaining("sync.peer_bandwidth_overrides.vast-*");
    assertThatThrownBy(() -> new PeerCap("vast/*", 0)).hasMessageContaining("vast/*");
    assertThat(intake(new SyncConfig.Caps(8739, 8739, List.of(), 4))).isNotNull();
  }

  @Test
  void whoeverWaitsForAPeerLeavesTheTurnToOthers() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 0, List.of(), 1), 1, LONG);
    var done = new CountDownLatch(1);
    try (var held = intake.from(A)) {
      var waiting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      intake.begin();
                      intake.from(A).close();
                      intake.end();
                      done.countDown();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

      assertThat(begins(intake, B)).isTrue();
      assertThat(held).isNotNull();
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void thoseThatBeginAtOnePeerTakeNoMoreTurnsThanItServes() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 0, List.of(), 1), 2, LONG);

    try (var first = intake.begin(A)) {
      var second = Thread.ofPlatform().start(() -> beginsAndEnds(intake, A));
      await().until(() -> second.getState() == Thread.State.WAITING);

      assertThat(begins(intake, B)).isTrue();
      assertThat(second.isAlive()).isTrue();
      assertThat(first).isNotNull();
    }
  }

  private static boolean beginsAndEnds(Intake intake, NodeId node) {
    try (var _ = intake.begin(node);
        var _ = intake.from(node)) {
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean begins(Intake intake, NodeId node) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var begun = threads.submit(() -> beginsAndEnds(intake, node));
      try {
        return begun.get(20, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        begun.cancel(true);
        return false;
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPeerSendsNoMoreAtOnceThanMayAndOthersAreNotHeldUp() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 0, List.of(), 2), 4, Duration.ofMillis(50));
    var held = new ArrayList<>(List.of(intake.from(A), intake.from(A)));

    assertThatThrownBy(() -> intake.from(A))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.OVERLOADED))
        .hasMessageContaining("sync.max_per_peer");
    intake.from(B).close();
    held.removeFirst().close();
    intake.from(A).close();
  }

  private Intake intake(SyncConfig.Caps caps) {
    return intake(caps, 4, LONG);
  }

  private Intake intake(SyncConfig.Caps caps, int turns, Duration transferTimeout) {
    var defaults = SyncConfig.defaults(Path.of("data"));
    var config =
        new SyncConfig(
            defaults.dataRoot(),
            defaults.manifestInterval(),
            defaults.syncInterval(),
            defaults.requestTimeout(),
            transferTimeout,
            defaults.idleTimeout(),
            defaults.partialAge(),
            defaults.replicationTarget(),
            turns,
            caps,
            defaults.receivers(),
            defaults.gc(),
            defaults.ranges());
    return new Intake(config, now::get, due -> now.updateAndGet(at -> at.isBefore(due) ? due : at));
  }

  private double seconds(Moment start) {
    return now.get().since(start).toMillis() / 1000.0;
  }
}
