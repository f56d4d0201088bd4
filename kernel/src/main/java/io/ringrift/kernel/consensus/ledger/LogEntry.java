package io.ringrift.kernel.consensus.ledger;

import java.util.Arrays;

/// One log entry. The payload is not copied: nobody may change it.
///
/// @param payload the command's bytes; for OPEN_EPOCH the leader's node id in UTF-8
public record LogEntry(LogPosition position, Kind kind, byte[] payload) {
  /// What an entry is.
  public enum Kind {
    COMMAND,
    OPEN_EPOCH
  }

  public long index() {
    return position.index();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogEntry(var p, var k, var bytes)
        && p.equals(position)
        && k == kind
        && Arrays.equals(bytes, payload);
  }

  @Override
  public int hashCode() {
    return 31 * position.hashCode() + Arrays.hashCode(payload);
  }

  @Override
  public String toString() {
    return kind + "@" + position.epoch() + ":" + position.index() + "[" + payload.length + "B]";
  }
}
