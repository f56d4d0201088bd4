package io.ringrift.kernel;

import java.util.Map;

/// The node's audit stream (RELIABILITY C.0): one record per decision that a checker needs,
/// appended and flushed before the effect is acknowledged. Safe for any thread; blocks on the disk.
@FunctionalInterface
public interface Audit {
  /// @param kind vote-granted, elected, renewed, stepped-down, epoch-seen, effect-accepted,
  ///   effect-rejected, job-start, job-exit, member-state, boot, recovered or corrupt-found
  void record(String kind, Epoch epoch, Map<String, String> details);
}
