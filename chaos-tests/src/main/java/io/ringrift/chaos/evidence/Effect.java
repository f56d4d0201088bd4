package io.ringrift.chaos.evidence;

/// A line that a spawned job wrote outside of the system, or an order that a worker obeyed.
///
/// @param atNanos since the run's start; when it was seen, if the job does not tell
/// @param node where
/// @param key job or item
/// @param token attempt or claim that it ran under; 0 when not told
/// @param epoch of the order; 0 when not told
/// @param what `start`, `end`, [#LOST], [#OPEN] or the name of an order
public record Effect(long atNanos, String node, String key, long token, long epoch, String what) {
  /// The cluster told that the job failed and nobody knows how far it came.
  public static final String LOST = "lost";

  /// No effect: the cluster told at the end that the job waits or runs, or could not be asked for
  /// it.
  public static final String OPEN = "open";
}
