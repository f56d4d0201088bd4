package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.ledger.v1.RaftEntry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ApplierTest {
  private static final int MORE_THAN_MAY_WAIT = 10_000;
  private static final RaftEntry OPENING = RaftEntries.openEpoch(new NodeId("n1"), 1, Epoch.ZERO);
  private static final RaftEntry MARK = RaftEntries.mark(new Epoch(1));

  private final HeldMachine machine = new HeldMachine();
  private final Applier applier =
      new Applier("n1", new BatchExecution(machine, _ -> {}, _ -> {}), () -> {});

  private static List<Applier.Item.Ours> entries(int last) {
    return LongStream.rangeClosed(1, last).mapToObj(ApplierTest::entry).toList();
  }

  private static Applier.Item.Ours entry(long index) {
    return new Applier.Item.Ours(
        TermIndex.valueOf(1, index), index == 1 ? OPENING : MARK, new CompletableFuture<>());
  }

  /// Ratis waits for every answer before it closes, and its thread for room in the queue.
  @Test
  void whatIsAbandonedIsAnsweredThoughTheMachineIsStuck() throws Exception {
    machine.hold();
    var entries = entries(MORE_THAN_MAY_WAIT);
    var ratis = Thread.ofPlatform().daemon().start(() -> entries.forEach(applier::put));
    await().until(() -> ratis.getState() == Thread.State.WAITING);
    applier.abandon();
    ratis.join();
    Stream<CompletableFuture<Message>> answers = entries.stream().map(Applier.Item.Ours::answer);
    assertThat(answers).allMatch(CompletableFuture::isCompletedExceptionally);
    applier.close();
    assertThat(applier.ended()).as("it still touches the machine").isFalse();
    machine.release();
    await().until(applier::ended);
    assertThat(machine.applied().epoch()).isEqualTo(new Epoch(1));
  }

  @Test
  void anIdleOneThatIsAbandonedEnds() {
    applier.abandon();
    await().until(applier::ended);
  }

  @Test
  void whatIsClosedExecutesWhatWaitsFirstAndRefusesWhatComes() {
    var entries = entries(1_000);
    entries.forEach(applier::put);
    applier.close();
    assertThat(entries.stream().map(Applier.Item.Ours::answer))
        .allMatch(answer -> answer.isDone() && !answer.isCompletedExceptionally());
    assertThat(applier.ended()).isTrue();
    var late = entry(1_001);
    applier.put(late);
    assertThat(late.answer()).isCompletedExceptionally();
  }
}
