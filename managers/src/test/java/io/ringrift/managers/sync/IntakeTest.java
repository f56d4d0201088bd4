package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What a node receives at once and how fast, with a clock that moves only when somebody waits.
final class IntakeTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private final AtomicReference<Moment> now = new AtomicReference<>(new Moment(1_000_000_000L));

  @Test
  void transfersFromSeveralPeersShareTheCapOfTheNode() throws Exception {
    var intake = intake(new SyncConfig.Caps(1_000_000, 0, 4));
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
    var intake = intake(new SyncConfig.Caps(0, 1_000_000, 4));
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
  void aPeerSendsNoMoreAtOnceThanMayAndOthersAreNotHeldUp() throws Exception {
    var intake = intake(new SyncConfig.Caps(0, 0, 2));
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
    var defaults = SyncConfig.defaults(Path.of("data"));
    var config =
        new SyncConfig(
            defaults.dataRoot(),
            defaults.manifestInterval(),
            defaults.syncInterval(),
            defaults.requestTimeout(),
            Duration.ofMillis(50),
            defaults.idleTimeout(),
            defaults.partialAge(),
            defaults.replicationTarget(),
            defaults.maxConcurrentPulls(),
            caps,
            defaults.maxDiskPercent(),
            defaults.gc(),
            defaults.ranges());
    return new Intake(config, now::get, due -> now.updateAndGet(at -> at.isBefore(due) ? due : at));
  }

  private double seconds(Moment start) {
    return now.get().since(start).toMillis() / 1000.0;
  }
}
