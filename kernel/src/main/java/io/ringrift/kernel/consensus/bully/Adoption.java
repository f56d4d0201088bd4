package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a new leader does before it appends anything: it fetches what its majority has and it
/// lacks. It is done when a quorum of the voters that promised its epoch had logs that end no later
/// than its own: the condition under which Raft would have elected it (thesis, section 3.6.1), and
/// from then on the proof of leader completeness is Raft's.
final class Adoption {
  /// Unanswered tries before another voter is asked.
  private static final int TRIES = 3;

  private final Epoch epoch;
  private final int quorum;
  private final Timing timing;
  private final ReplicaLog replica;
  private Optional<NodeId> source = Optional.empty();
  private LogPosition cursor;
  private Moment asked = Moment.MIN;
  private int tries;

  /// The source has no more: another is asked next.
  private boolean exhausted;

  Adoption(Epoch epoch, int quorum, Timing timing, ReplicaLog replica) {
    this.epoch = epoch;
    this.quorum = quorum;
    this.timing = timing;
    this.replica = replica;
    this.cursor = replica.end();
  }

  /// @param ends log ends of the voters that promised the epoch
  boolean done(Map<NodeId, LogPosition> ends, NodeId self) {
    long covered =
        ends.entrySet().stream()
            .filter(e -> e.getKey().equals(self) || !e.getValue().isAfter(replica.end()))
            .count();
    return covered >= quorum;
  }

  /// Asks, or asks again, once there was time for an answer.
  void pursue(Turn turn, Map<NodeId, LogPosition> ends) {
    if (!asked.equals(Moment.MIN) && turn.now().isBefore(asked.plus(timing.requestTimeout()))) {
      return;
    }
    if (source.isEmpty() || exhausted || ++tries >= TRIES) {
      source = nextSource(ends);
      cursor = replica.end();
      tries = 0;
      exhausted = false;
    }
    ask(turn);
  }

  private void ask(Turn turn) {
    asked = turn.now();
    source.ifPresent(to -> turn.send(to, new Message.FetchTail(epoch, cursor)));
  }

  /// The most advanced voter, or the one right behind the one that was asked before.
  private Optional<NodeId> nextSource(Map<NodeId, LogPosition> ends) {
    List<NodeId> ahead =
        ends.entrySet().stream()
            .filter(e -> e.getValue().isAfter(replica.end()))
            .sorted(
                Map.Entry.<NodeId, LogPosition>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .toList();
    if (ahead.isEmpty()) {
      return Optional.empty();
    }
    int last = source.map(ahead::indexOf).orElse(-1);
    return Optional.of(ahead.get((last + 1) % ahead.size()));
  }

  /// Takes in what the source answered and asks on.
  void tail(Turn turn, NodeId from, Message.Tail tail) {
    if (!source.equals(Optional.of(from))) {
      return;
    }
    if (!tail.matched()) {
      stepBack(turn, tail.previous());
    } else if (tail.previous().equals(cursor) && replica.matches(cursor)) {
      tries = 0;
      replica.merge(turn, tail.entries());
      exhausted = tail.entries().isEmpty();
      if (!exhausted) {
        cursor = tail.entries().getLast().position();
        ask(turn);
      }
    }
  }

  /// To a place of the source's that stands here too, or to one of ours that is earlier; what is
  /// committed here stands in every log of the majority.
  private void stepBack(Turn turn, LogPosition hint) {
    if (hint.index() >= cursor.index()) {
      return; // an answer to an earlier question
    }
    long floor = Math.max(replica.commitIndex(), replica.log().base().index());
    long index = Math.max(hint.index(), floor);
    if (index > floor && !replica.log().contains(new LogPosition(hint.epoch(), index))) {
      index = Math.max(floor, replica.log().beforeEpochAt(index));
    }
    LogPosition earlier = replica.log().positionAt(index).orElse(replica.log().base());
    if (!earlier.equals(cursor)) {
      cursor = earlier;
      tries = 0;
      ask(turn);
    }
  }

  /// Goes on behind what is committed, the snapshot's place included: a log that held that place
  /// kept its base, and to ask from there would bring the same snapshot again.
  void installed(Turn turn, NodeId from) {
    LogPosition known =
        replica.log().positionAt(replica.commitIndex()).orElse(replica.log().base());
    if (source.equals(Optional.of(from)) && known.isAfter(cursor)) {
      cursor = known;
      tries = 0;
      ask(turn);
    }
  }
}
