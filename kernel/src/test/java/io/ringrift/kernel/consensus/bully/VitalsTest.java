package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.VoterCluster.PATIENCE;
import static io.ringrift.kernel.consensus.bully.VoterCluster.lease;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.Vitals;
import io.ringrift.kernel.consensus.bully.VoterCluster.Running;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A voter that is not well says so by itself.
@Timeout(90)
final class VitalsTest {
  /// Long enough to count, short enough to keep the lease.
  private static final Duration STALL = Vitals.LEAST.plusMillis(100);

  @TempDir Path root;

  private static Moment at(int seconds) {
    return new Moment(seconds * 1_000_000_000L);
  }

  private static Vitals vitals(int lease, int rest) {
    return new Vitals(Duration.ofSeconds(lease), Duration.ofSeconds(rest), at(0));
  }

  @Test
  void aPauseOfHalfALeaseWithdrawsForOneLease() {
    var vitals = vitals(6, 2);
    assertThat(vitals.begins(at(3), Duration.ofSeconds(0))).isEmpty();
    assertThat(vitals.begins(at(5), Duration.ofSeconds(1)).orElseThrow()).contains("4000 ms");
    assertThat(vitals.well(at(10), /* led= */ true)).isFalse();
    assertThat(vitals.well(at(11), /* led= */ true)).isTrue();
  }

  @Test
  void aTurnOfAThirdOfALeaseWithdrawsUnlessASnapshotTookIt() {
    var vitals = vitals(6, 2);
    assertThat(vitals.ends(at(1), at(9), Duration.ofSeconds(7))).isEmpty();
    assertThat(vitals.ends(at(10), at(13), Duration.ZERO).orElseThrow()).contains("3000 ms");
  }

  @Test
  void aTurnOfASecondIsNoStallHoweverShortTheLease() {
    var vitals = vitals(2, 1);
    assertThat(vitals.ends(at(1), at(2), Duration.ZERO)).isEmpty();
    assertThat(vitals.ends(at(3), at(5), Duration.ZERO)).isPresent();
  }

  @Test
  void stallsInARowDoNotAddUpWhileNobodyLeads() {
    var vitals = vitals(6, 3);
    assertThat(vitals.begins(at(10), Duration.ZERO)).isPresent();
    assertThat(vitals.well(at(12), /* led= */ false)).isFalse();
    assertThat(vitals.ends(at(9), at(12), Duration.ZERO)).isPresent();
    assertThat(vitals.well(at(13), /* led= */ false)).isTrue();
    assertThat(vitals.well(at(13), /* led= */ true)).isFalse();
    assertThat(vitals.well(at(18), /* led= */ true)).isTrue();
  }

  @Test
  void aFailedDiskRestsForAWholeLeaseEvenWhileNobodyLeads() {
    var vitals = vitals(6, 3);
    vitals.fails(at(10));
    assertThat(vitals.well(at(15), /* led= */ false)).isFalse();
    assertThat(vitals.well(at(16), /* led= */ false)).isTrue();
  }

  @Test
  void votersThatAllStoodStillFindALeaderAgain() {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      cluster.propose("a");
      for (int i = 0; i < 5; i++) {
        cluster.ticker().skip(lease().multipliedBy(2));
        cluster.propose("after " + i);
      }
      assertThat(voters).allSatisfy(v -> assertThat(v.fatal()).hasValue(0));
    }
  }

  @Test
  void whoHasToLeadThoughItStallsAgainAndAgainLeadsOn() {
    try (var cluster = new VoterCluster(root, 1)) {
      var consensus = cluster.start(1).consensus();
      cluster.propose("a");
      var offices = new ArrayList<Epoch>();
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                cluster.ticker().skip(STALL);
                var epoch = consensus.leadership().epoch();
                boolean leads = consensus.leadsNow(epoch);
                offices.removeIf(former -> !leads || !former.equals(epoch));
                offices.add(epoch);
                return offices.size() == 10;
              });
    }
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
                  cluster.ticker().skip(STALL);
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
                  cluster.ticker().skip(STALL);
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
