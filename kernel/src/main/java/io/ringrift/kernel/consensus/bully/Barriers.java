package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Reason;
import java.util.ArrayList;
import java.util.List;

/// Linearizable read points (thesis, section 6.4): the commit index at arrival, once a quorum has
/// answered an append sent after the arrival. Those that arrive while one question is out share the
/// next.
final class Barriers {
  private static final int MOST = 4_096;

  private record Waiting(long ticket, long index) {}

  private List<Waiting> asked = new ArrayList<>();
  private List<Waiting> next = new ArrayList<>();

  /// Answers with a sequence at or above this one confirm what is asked.
  private long threshold;

  /// Whether there is room for one more.
  boolean take(long ticket, long index) {
    if (asked.size() + next.size() >= MOST) {
      return false;
    }
    next.add(new Waiting(ticket, index));
    return true;
  }

  /// Whether a new question has to go out now.
  boolean mustAsk() {
    return asked.isEmpty() && !next.isEmpty();
  }

  void asking(long firstSequence) {
    threshold = firstSequence;
    asked = next;
    next = new ArrayList<>();
  }

  /// @param confirmed sequence that a quorum has answered
  void confirmed(Turn turn, long confirmed) {
    if (!asked.isEmpty() && confirmed >= threshold) {
      asked.forEach(w -> turn.emit(new Effect.BarrierPassed(w.ticket(), w.index())));
      asked = new ArrayList<>();
    }
  }

  void refuseAll(Turn turn, String cause) {
    for (var list : List.of(asked, next)) {
      for (Waiting w : list) {
        turn.emit(
            new Effect.Refused(
                w.ticket(),
                Reason.NO_QUORUM,
                "leadership ended before a quorum confirmed the read (" + cause + "); ask again"));
      }
    }
    asked = new ArrayList<>();
    next = new ArrayList<>();
  }
}
