package io.ringrift.kernel.consensus.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.ledger.v1.RaftEntry;
import io.ringrift.ledger.v1.RaftOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;

final class BatchExecutionTest {
  private final List<TermIndex> advanced = new ArrayList<>();
  private final List<Applied> told = new ArrayList<>();
  private final MemoryStateMachine machine = new MemoryStateMachine(true);
  private final BatchExecution execution = new BatchExecution(machine, advanced::add, told::add);

  private static Applier.Item.Ours ours(long term, long index, RaftEntry entry) {
    return new Applier.Item.Ours(
        TermIndex.valueOf(term, index), entry, new CompletableFuture<Message>());
  }

  private static RaftEntry command(long epoch, String text) {
    return RaftEntries.command(new Epoch(epoch), text.getBytes(UTF_8));
  }

  private static RaftEntry open(long term, long atLeast) {
    return RaftEntries.openEpoch(new NodeId("n1"), term, new Epoch(atLeast));
  }

  private static RaftOutcome outcome(Applier.Item.Ours item) {
    return RaftEntries.outcome(item.answer().join().getContent());
  }

  @Test
  void eachOfficeGetsTheNextEpochAndNoLesserThanWasKnown() {
    var first = ours(1, 1, open(1, 40));
    var second = ours(2, 2, open(2, 7));
    execution.execute(List.of(first, second));
    assertThat(outcome(first).getEpoch()).isEqualTo(41);
    assertThat(outcome(second).getEpoch()).isEqualTo(42);
    assertThat(machine.applied()).isEqualTo(new LogPosition(new Epoch(42), 2));
  }

  @Test
  void aCommandOfAnotherEpochIsRefusedByTheLogItself() {
    var open = ours(1, 1, open(1, 0));
    var good = ours(1, 2, command(1, "a"));
    var deposed = ours(2, 4, command(1, "late"));
    execution.execute(List.of(open, good, ours(2, 3, open(2, 0)), deposed));
    assertThat(outcome(good).hasResult()).isTrue();
    assertThat(outcome(deposed).hasResult()).isFalse();
    assertThat(outcome(deposed).getEpoch()).isEqualTo(2);
    assertThat(machine.commands).containsExactly("a");
  }

  @Test
  void anOfferDelayedIntoAnotherTermOpensNothing() {
    var late = ours(3, 1, open(2, 0));
    execution.execute(List.of(late));
    assertThat(outcome(late).hasResult()).isFalse();
    assertThat(machine.applied()).isEqualTo(LogPosition.START);
  }

  @Test
  void whatTheStateIncludesIsNotExecutedAgain() {
    execution.execute(List.of(ours(1, 1, open(1, 0)), ours(1, 2, command(1, "a"))));
    var again = new BatchExecution(machine, advanced::add, told::add);
    again.execute(
        List.of(ours(1, 1, open(1, 0)), ours(1, 2, command(1, "a")), ours(1, 3, command(1, "b"))));
    assertThat(machine.commands).containsExactly("a", "b");
    assertThat(told.getLast().office()).contains(new Applied.Office(1, new Epoch(1)));
  }

  @Test
  void entriesOfRatisAdvanceThePlaceInOrderAndDisturbNothing() {
    execution.execute(
        List.of(
            new Applier.Item.Theirs(TermIndex.valueOf(1, 0)),
            ours(1, 1, open(1, 0)),
            new Applier.Item.Theirs(TermIndex.valueOf(1, 2)),
            ours(1, 3, RaftEntries.mark(new Epoch(1)))));
    assertThat(advanced).extracting(TermIndex::getIndex).containsExactly(0L, 1L, 2L, 3L);
    assertThat(told).singleElement().extracting(Applied::index).isEqualTo(3L);
  }

  @Test
  void aWaitingRunIsOneCallOfTheMachine() {
    var calls = new ArrayList<Integer>();
    var counting =
        new MemoryStateMachine(true) {
          @Override
          public List<byte[]> apply(List<LogEntry> entries) {
            calls.add(entries.size());
            return super.apply(entries);
          }
        };
    new BatchExecution(counting, advanced::add, told::add)
        .execute(
            List.of(
                ours(1, 1, open(1, 0)),
                ours(1, 2, command(1, "a")),
                new Applier.Item.Theirs(TermIndex.valueOf(1, 3)),
                ours(1, 4, command(1, "b"))));
    assertThat(calls).containsExactly(3);
  }
}
