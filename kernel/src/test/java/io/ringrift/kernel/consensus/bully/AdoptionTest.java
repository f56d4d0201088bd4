package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What a new leader fetches before it appends anything (DESIGN 2, ledger of bully mode).
final class AdoptionTest {
  private static final NodeId SELF = new NodeId("n1");
  private static final NodeId AHEAD = new NodeId("n2");
  private static final Epoch EPOCH = new Epoch(3);

  @Test
  void aSnapshotWhosePlaceTheLogHoldsIsNotAskedForAgain() {
    var config = BullyConfig.of(SELF, Map.of(SELF, 1, AHEAD, 1, new NodeId("n3"), 1), Timing.lan());
    var entries = LongStream.rangeClosed(1, 30).mapToObj(AdoptionTest::entry).toList();
    var recovered =
        new BullyCore.Recovered(
            Promise.NONE, Epoch.ZERO, LogPosition.START, LogPosition.START, entries);
    var replica = new ReplicaLog(config, Rules.PROTOCOL, recovered);
    var adoption = new Adoption(EPOCH, 2, Timing.lan(), replica);
    var end = at(2, 40);
    adoption.pursue(Turn.at(new Moment(0)), Map.of(AHEAD, end));
    adoption.tail(
        Turn.at(new Moment(1)),
        AHEAD,
        new Message.Tail(EPOCH, false, LogPosition.START, List.of(), end));

    var turn = Turn.at(new Moment(2));
    replica.install(turn, at(1, 20), new byte[0]);
    adoption.installed(turn, AHEAD);
    assertThat(turn.effects())
        .last()
        .isEqualTo(new Effect.Send(AHEAD, new Message.FetchTail(EPOCH, at(1, 20))));

    // A duplicate asks for nothing, else copies would breed copies.
    var again = Turn.at(new Moment(3));
    replica.install(again, at(1, 20), new byte[0]);
    adoption.installed(again, AHEAD);
    assertThat(again.effects()).isEmpty();
  }

  /// A voter may lose entries that it never acknowledged, once it has told where its log ends.
  @Test
  void aSourceThatHasNoMoreGivesWayToTheNext() {
    var other = new NodeId("n3");
    var config = BullyConfig.of(SELF, Map.of(SELF, 1, AHEAD, 1, other, 1), Timing.lan());
    var entries = LongStream.rangeClosed(1, 30).mapToObj(AdoptionTest::entry).toList();
    var recovered =
        new BullyCore.Recovered(
            Promise.NONE, Epoch.ZERO, LogPosition.START, LogPosition.START, entries);
    var adoption =
        new Adoption(EPOCH, 2, Timing.lan(), new ReplicaLog(config, Rules.PROTOCOL, recovered));
    adoption.pursue(Turn.at(new Moment(0)), Map.of(AHEAD, at(1, 34), other, at(1, 32)));
    var nothing = new Message.Tail(EPOCH, true, at(1, 30), List.of(), at(1, 30));
    adoption.tail(Turn.at(new Moment(1)), AHEAD, nothing);

    var soon = Turn.at(new Moment(2));
    adoption.pursue(soon, Map.of(AHEAD, at(1, 30), other, at(1, 32)));
    assertThat(soon.effects()).isEmpty();
    var next = Turn.at(new Moment(0).plus(Timing.lan().requestTimeout()));
    adoption.pursue(next, Map.of(AHEAD, at(1, 30), other, at(1, 32)));
    assertThat(next.effects())
        .containsExactly(new Effect.Send(other, new Message.FetchTail(EPOCH, at(1, 30))));
  }

  private static LogEntry entry(long index) {
    return new LogEntry(at(1, index), LogEntry.Kind.COMMAND, new byte[1]);
  }

  private static LogPosition at(long epoch, long index) {
    return new LogPosition(new Epoch(epoch), index);
  }
}
