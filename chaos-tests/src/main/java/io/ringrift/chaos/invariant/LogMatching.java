package io.ringrift.chaos.invariant;

import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Entries with the same position are the same and stand behind the same position, on whatever
/// disk; and every node executes the same entry at an index and reaches the same state (Raft
/// thesis, figure 3.2, Log Matching and State Machine Safety).
final class LogMatching implements Invariant {
  private record Stored(LogPosition previous, long content) {}

  private record Executed(LogPosition position, long content, String stateHash) {}

  private final Map<LogPosition, Stored> stored = new HashMap<>();
  private final List<Executed> executed = new ArrayList<>();

  @Override
  public void stored(int node, LogPosition previous, LogPosition position, long content) {
    var seen = stored.putIfAbsent(position, new Stored(previous, content));
    if (position.index() != previous.index() + 1) {
      throw new InvariantBroken(
          this, "node %d stores %s right behind %s".formatted(node + 1, position, previous));
    }
    if (seen != null && !(seen.previous().equals(previous) && seen.content() == content)) {
      throw new InvariantBroken(
          this,
          "node %d stores %s behind %s with content %d; elsewhere it stands behind %s with %d"
              .formatted(node + 1, position, previous, content, seen.previous(), seen.content()));
    }
  }

  @Override
  public void committed(int node, LogPosition position, long content, String stateHash) {
    int at = Math.toIntExact(position.index() - 1);
    if (at > executed.size()) {
      throw new InvariantBroken(
          this,
          "node %d executes %s before anyone executed index %d"
              .formatted(node + 1, position, executed.size() + 1));
    }
    var now = new Executed(position, content, stateHash);
    if (at == executed.size()) {
      executed.add(now);
    } else if (!executed.get(at).equals(now)) {
      throw new InvariantBroken(
          this, "node %d executes %s, another %s".formatted(node + 1, now, executed.get(at)));
    }
  }

  @Override
  public void restored(int node, LogPosition position, String stateHash) {
    if (position.index() == 0) {
      return;
    }
    var expected = executed.get(Math.toIntExact(position.index() - 1));
    if (!expected.position().equals(position) || !expected.stateHash().equals(stateHash)) {
      throw new InvariantBroken(
          this,
          "node %d restores %s with state %s; executed was %s"
              .formatted(node + 1, position, stateHash, expected));
    }
  }
}
