package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.util.Optional;

/// Who leads, as a voter says on every message that it sends anyway: what the poll's answer is in
/// mode `http`. A hint, which never changes the receiver's role.
record LeaderHint(NodeId teller, NodeId leader, Epoch epoch) {
  static final String HEADER = "lead";

  private static final int MAX_TEXT = 160;

  static Optional<LeaderHint> of(NodeId self, Leadership leadership) {
    return leadership.leader().map(leader -> new LeaderHint(self, leader, leadership.epoch()));
  }

  String text() {
    return teller + " " + leader + " " + epoch;
  }

  /// Empty for what is no hint.
  static Optional<LeaderHint> read(String text) {
    String[] parts = text.length() > MAX_TEXT ? new String[0] : text.split(" ", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LeaderHint(
              new NodeId(parts[0]), new NodeId(parts[1]), new Epoch(Long.parseLong(parts[2]))));
    } catch (Refusal | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
