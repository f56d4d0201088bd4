package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of entries that are on their way when the division ends.
@Timeout(60)
final class ProposalsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger handed = new AtomicInteger();
  private final CountDownLatch goesOn = new CountDownLatch(1);
  private final Proposals proposals = new Proposals("test", this::division, 1 << 20);

  /// Asked for each entry that is handed over; stands still before it is.
  private Optional<RaftDivision> division() {
    handed.incrementAndGet();
    try {
      goesOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  @AfterEach
  void end() {
    goesOn.countDown();
    proposals.close();
  }

  private static void assertReason(CompletableFuture<?> answer, Reason reason) {
    assertThat(answer).isCompletedExceptionally();
    assertThatThrownBy(answer::join)
        .cause()
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.reason()).isEqualTo(reason));
  }

  @Test
  void whatIsBeingHandedOverMayBeWrittenYetAndWhatWaitsIsNot() {
    var first = proposals.offer(RaftEntries.release(1));
    await().atMost(PATIENCE).until(() -> handed.get() == 1);
    var second = proposals.offer(RaftEntries.release(2));
    proposals.failAll("the division ended");
    assertReason(first, Reason.OUTCOME_UNKNOWN);
    assertReason(second, Reason.NOT_LEADER);
    goesOn.countDown();
    var third = proposals.offer(RaftEntries.release(3));
    await().atMost(PATIENCE).until(third::isDone);
    assertThat(handed).as("the second was told that nothing is written").hasValue(2);
    assertReason(third, Reason.NOT_LEADER);
  }
}
