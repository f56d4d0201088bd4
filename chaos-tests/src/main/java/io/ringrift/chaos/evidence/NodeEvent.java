package io.ringrift.chaos.evidence;

/// Something that happened to a node or that it told.
///
/// @param kind what; the process events are `STARTED`, `KILLED`, `EXITED`, `PAUSED`, `RESUMED`,
///   `STOPPED`, `WIPED`, `RESTORED`; `OTHER_CONTENT` and `ARRIVED` are of files; others are names
///   of the node's own events
/// @param epoch that the event names; 0 when none
public record NodeEvent(long atNanos, String node, String kind, long epoch, String detail) {
  /// A file had its final name and not the bytes that were offered under it.
  public static final String OTHER_CONTENT = "OTHER_CONTENT";

  /// A sync run was told that a file has come to the node; the detail is its path.
  public static final String ARRIVED = "ARRIVED";
}
