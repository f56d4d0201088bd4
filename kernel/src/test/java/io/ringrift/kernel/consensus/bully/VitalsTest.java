package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.VoterCluster.PATIENCE;
import static io.ringrift.kernel.consensus.bully.VoterCluster.lease;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.VoterCluster.Running;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A voter that is not well says so by itself.
@Timeout(90)
final class VitalsTest {
  @TempDir Path root;

  private static Moment at(int seconds) {
    return new Moment(seconds * 1_000_000_000L);
  }

  @Test
  void aPauseOfHalfALeaseWithdrawsForOneLease() {
    var vitals = new Vitals(Duration.ofSeconds(6), at(0));
    assertThat(vitals.begins(at(3), Duration.ofSeconds(0))).isEmpty();
    assertThat(vitals.begins(at(5), Duration.ofSeconds(1)).orElseThrow()).contains("4000 ms");
    assertThat(vitals.well(at(10))).isFalse();
    assertThat(vitals.well(at(11))).isTrue();
  }

  @Test
  void aTurnOfAThirdOfALeaseWithdrawsUnlessASnapshotTookIt() {
    var vitals = new Vitals(Duration.ofSeconds(6), at(0));
    assertThat(vitals.ends(at(1), at(9), Duration.ofSeconds(7))).isEmpty();
    assertThat(vitals.ends(at(10), at(13), Duration.ZERO).orElseThrow()).contains("3000 ms");
  }

  private static List<String> causes(Running voter) {
    return voter.events().stream()
        .filter(LeadershipEvent.DutiesClosed.class::isInstance)
        .map(e -> ((LeadershipEvent.DutiesClosed) e).cause())
        .toList();
  }

  @Test
  void aLeaderThatStoodStillWithdrawsAndAnotherTakesOver() {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      cluster.propose("a");
      var stalled = cluster.leader();
      // Its clock alone tells of a pause in the middle of a sync.
      var once = new AtomicBoolean(true);
      cluster
          .disk(stalled.id())
          .atWrite(
              () -> {
                if (once.getAndSet(false)) {
                  cluster.ticker().skip(lease().multipliedBy(2).dividedBy(5));
                }
              });
      cluster.propose("b");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(causes(stalled)).anyMatch(c -> c.contains("turn with its sync")));
      cluster.propose("c");
      assertThat(cluster.leader().machine().commands).contains("a", "b", "c");
      assertThat(stalled.fatal()).hasValue(0);
    }
  }

  @Test
  void aLongSnapshotIsNoStall() {
    try (var cluster = new VoterCluster(root, 1)) {
      cluster.snapshots(5, 1);
      var taken = new AtomicBoolean();
      cluster.machines(
          () ->
              new MemoryStateMachine() {
                @Override
                public void snapshot(OutputStream out) throws IOException {
                  cluster.ticker().skip(lease().multipliedBy(2).dividedBy(5));
                  taken.set(true);
                  super.snapshot(out);
                }
              });
      var voter = cluster.start(1);
      for (int i = 0; i < 6; i++) {
        cluster.propose("c" + i);
      }
      await().atMost(PATIENCE).untilTrue(taken);
      cluster.propose("after");
      assertThat(causes(voter)).noneMatch(c -> c.contains("turn with its sync"));
    }
  }

  @Test
  void aBrokenInvariantStopsTheNodeOnceAndRefusesEverybody() {
    try (var cluster = new VoterCluster(root, 1)) {
      cluster.machines(
          () ->
              new MemoryStateMachine() {
                @Override
                public List<byte[]> apply(List<LogEntry> entries) {
                  if (entries.getLast().kind() == LogEntry.Kind.COMMAND) {
                    throw new IllegalStateException("two and two are five");
                  }
                  return super.apply(entries);
                }
              });
      var voter = cluster.start(1);
      var epoch = cluster.leader().consensus().leadership().epoch();
      var proposed = voter.consensus().ledger().propose(epoch, "x".getBytes(UTF_8));
      assertThatThrownBy(() -> proposed.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN));
      await().atMost(PATIENCE).until(() -> voter.fatal().get() == 1);
      assertThat(voter.consensus().leadsNow(epoch)).isFalse();
      assertThatThrownBy(() -> voter.consensus().ledger().barrier().get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.SHUTTING_DOWN));
      assertThat(causes(voter)).contains("broken invariant");
    }
  }
}
