package io.ringrift.chaos.evidence;

import java.util.Map;

/// What one node said of the members at one time. Kept when it is another than before.
///
/// @param atNanos since the run's start, when the answer came
/// @param members by name: `ALIVE`, `SUSPECT`, `DEAD` or `LEFT`; who is not in it is unknown there
public record ViewSample(long atNanos, String node, Map<String, String> members) {
  public ViewSample {
    members = Map.copyOf(members);
  }

  /// Whether the node still counts on another.
  public boolean believes(String other) {
    String state = members.getOrDefault(other, "");
    return state.equals("ALIVE") || state.equals("SUSPECT");
  }
}
