package io.ringrift.chaos.evidence;

import java.util.Map;

/// What one node said of the members at one time. Kept when it is another than before.
///
/// @param atNanos since the run's start, when the answer came; when it was asked, if none came
/// @param told whether it answered; when not, nothing is known until its next answer
/// @param members by name: `ALIVE`, `SUSPECT`, `DEAD` or `LEFT`; who is not in it is unknown there
public record ViewSample(long atNanos, String node, boolean told, Map<String, String> members) {
  public ViewSample {
    members = Map.copyOf(members);
  }

  /// The node was asked and did not answer.
  public static ViewSample none(long atNanos, String node) {
    return new ViewSample(atNanos, node, false, Map.of());
  }

  /// What it says of another; empty when it says nothing.
  public String state(String other) {
    return members.getOrDefault(other, "");
  }

  /// Whether the node still counts on another.
  public boolean believes(String other) {
    String state = state(other);
    return state.equals("ALIVE") || state.equals("SUSPECT");
  }
}
