package io.ringrift.chaos.evidence;

import java.util.Map;

/// A line of a node's own audit stream, as it lay on its disk.
///
/// @param atNanos since the run's start: the node's own time of the record, put on the run's clock
/// @param node whose stream it is
/// @param boot life of the node that wrote it
/// @param seq place in that life, from 1
/// @param kind as the node calls it, or [#GAP]
/// @param epoch that the record names; 0 when none
/// @param details as the node wrote them
public record AuditRecord(
    long atNanos,
    String node,
    String boot,
    long seq,
    String kind,
    long epoch,
    Map<String, String> details) {
  /// Records before this one are missing: their numbers were skipped, or a line is damaged.
  public static final String GAP = "gap";

  /// The node found a damaged file.
  public static final String CORRUPT_FOUND = "corrupt-found";

  public AuditRecord {
    details = Map.copyOf(details);
  }

  /// One detail; empty when the record has none of that name.
  public String detail(String name) {
    return details.getOrDefault(name, "");
  }
}
