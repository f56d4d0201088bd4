package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.StateMark;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/// Hashes of the state at places of the log that every replica takes alike, however it batches:
/// before the first entry at or behind each multiple of 64. Replicas are seldom at the same place
/// when they are asked; they have the last 2048 entries to meet.
@Pure
final class StateMarks {
  private static final int GAP = 64;
  private static final int MOST = 32;

  private final ArrayDeque<StateMark> marks = new ArrayDeque<>();

  /// The entry at `next` follows the one at `last`.
  ///
  /// @return whether a multiple lies between them, so that the state has to be marked in between
  static boolean between(long last, long next) {
    return next / GAP > last / GAP;
  }

  /// The state stands before the entry at `next`, if that is a place to mark.
  void before(long last, long next, Supplier<String> hash) {
    if (!between(last, next)) {
      return;
    }
    marks.addLast(mark(next / GAP * GAP - 1, hash.get()));
    if (marks.size() > MOST) {
      marks.removeFirst();
    }
  }

  /// The state was replaced: what was marked belongs to another history.
  void clear() {
    marks.clear();
  }

  List<StateMark> all() {
    return List.copyOf(marks);
  }

  static StateMark mark(long index, String hash) {
    return StateMark.newBuilder().setIndex(index).setStateHash(hash).build();
  }
}
