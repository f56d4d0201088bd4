package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadLevelsTest {
  private static final com.google.protobuf.Duration ZERO =
      com.google.protobuf.Duration.getDefaultInstance();

  private static final class Nobody implements Membership {
    @Override
    public List<Member> members() {
      return List.of();
    }

    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public void leave() {}

    @Override
    public void close() {}
  }

  private final FakeConsensus consensus =
      new FakeConsensus(new FakeLedger(new ClusterStore(new MemoryKeyValueStore())));
  private final ReadLevels levels = levels(true);

  private ReadLevels levels(boolean replica) {
    return new ReadLevels(
        replica, () -> founded, consensus, new Nobody(), Ticker.system(), Duration.ofSeconds(10));
  }

  private boolean founded = true;

  @Test
  void leaderWhoseStateHasNotBegunTellsNothing() {
    founded = false;
    assertThatThrownBy(
            () -> levels(true).read(ReadConsistency.READ_CONSISTENCY_LEADER, () -> "empty"))
        .isInstanceOf(Refusal.class);
  }

  @BeforeEach
  void lead() {
    consensus.lead(1);
  }

  private String readWhileDeposed() {
    consensus.follow("n2", 2);
    return "old";
  }

  @ParameterizedTest
  @EnumSource(names = {"READ_CONSISTENCY_LEADER", "READ_CONSISTENCY_LINEARIZABLE"})
  void whatWasReadWhileTheLeaseEndedIsNotAnswered(ReadConsistency level) {
    assertThat(levels.read(level, () -> "new")).isEqualTo("new");
    assertThatThrownBy(() -> levels.read(level, this::readWhileDeposed))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.NOT_LEADER));
  }

  @Test
  void aReadWithoutALevelIsAnsweredByWhoeverHasACopyAndTellsItsAge() {
    assertThat(levels.read(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED, () -> "new"))
        .isEqualTo("new");
    assertThat(levels.meta(7).getLastContact()).isEqualTo(ZERO);
    consensus.follow("n2", 2);
    assertThat(levels.read(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED, () -> "old"))
        .isEqualTo("old");
    assertThat(levels.meta(7).getLastContact()).isNotEqualTo(ZERO);
    assertThat(levels.meta(7).getLeaderId()).isEqualTo("n2");
    assertThat(levels.meta(7).getAppliedIndex()).isEqualTo(7);
  }

  @Test
  void aNodeWithoutACopySendsReadsToTheLeader() {
    consensus.follow("n2", 2);
    assertThatThrownBy(
            () ->
                levels(false)
                    .read(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED, this::readWhileDeposed))
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> {
              assertThat(r.reason()).isEqualTo(Reason.NOT_LEADER);
              assertThat(r.details()).containsEntry("leader_id", "n2");
            });
  }

  @Test
  void nobodyKnowsWhatBecameOfAnAnswerThatIsLate() throws Exception {
    var timer = Executors.newSingleThreadScheduledExecutor();
    try {
      var late =
          Context.current()
              .withDeadlineAfter(20, TimeUnit.MILLISECONDS, timer)
              .call(() -> levels.limited(new CompletableFuture<String>()));
      assertThat(reasonOf(late)).isEqualTo(Reason.OUTCOME_UNKNOWN);
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void whoeverIsRefusedForItLearnsWhoLeads() {
    consensus.follow("n2", 2);
    var refused = new Refusal(Reason.NOT_LEADER, "the ledger says so");
    var limited = levels.limited(CompletableFuture.<String>failedFuture(refused));
    assertThat(reasonOf(limited)).isEqualTo(Reason.NOT_LEADER);
    assertThat(limited.exceptionNow())
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.details()).containsEntry("leader_id", "n2"));
    assertThat(levels.limited(CompletableFuture.completedFuture("done")))
        .isCompletedWithValue("done");
  }

  private static Reason reasonOf(CompletableFuture<?> failed) {
    try {
      throw new AssertionError("it ended with " + failed.join());
    } catch (CompletionException e) {
      return e.getCause() instanceof Refusal refusal ? refusal.reason() : Reason.INTERNAL;
    }
  }

  @Test
  void aStaleReadAsksNobody() {
    assertThat(levels.read(ReadConsistency.READ_CONSISTENCY_STALE, this::readWhileDeposed))
        .isEqualTo("old");
  }
}
