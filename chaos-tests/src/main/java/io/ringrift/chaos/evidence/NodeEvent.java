package io.ringrift.chaos.evidence;

/// Something that happened to a node or that it told.
///
/// @param kind what; the process events are `STARTED`, `KILLED`, `EXITED`, `PAUSED`, `RESUMED`,
///   `STOPPED`, `WIPED`, `RESTORED`, [#DAMAGED] and [#REFUSED]; [#SILENT] and [#CHANGED] are of
///   none; [#ROTTED], [#QUARANTINED], `OTHER_CONTENT` and `ARRIVED` are of files; those of
///   [#TOO_LONG_REFUSED] are of ports; others are names of the node's own events
/// @param epoch that the event names; 0 when none
public record NodeEvent(long atNanos, String node, String kind, long epoch, String detail) {
  /// Not a node: who runs the scenario.
  public static final String RUNNER = "runner";

  /// The machine had no time for the runner, from now on.
  public static final String STARVED = "STARVED";

  /// It has again.
  public static final String RELIEVED = "RELIEVED";

  /// It refused what is far too long and went on serving at that port; the detail begins with the
  /// port, as grounds call it.
  public static final String TOO_LONG_REFUSED = "TOO_LONG_REFUSED";

  /// It took what is far too long, or served no more at that port behind it.
  public static final String TOO_LONG_TAKEN = "TOO_LONG_TAKEN";

  /// Nothing shows what became of what is far too long.
  public static final String TOO_LONG_UNSEEN = "TOO_LONG_UNSEEN";

  /// A file had its final name and not the bytes that were offered under it.
  public static final String OTHER_CONTENT = "OTHER_CONTENT";

  /// Bits of its files were flipped while it was down; the detail says of which, as scenarios do.
  public static final String DAMAGED = "DAMAGED";

  /// Detail of a start of a node whose files were damaged, whatever came of it.
  public static final String OVER_DAMAGE = "over its damage";

  /// It was started over damage and ended by itself.
  public static final String REFUSED = "REFUSED";

  /// It neither answered nor ended in the time that it had; the detail says over which damage, as
  /// scenarios do.
  public static final String SILENT = "SILENT";

  /// Files of its data root, as scenarios call them.
  public static final String DATA = "data";

  /// Bits of a file in its data root were flipped while it was down; the detail is its path.
  public static final String ROTTED = "ROTTED";

  /// It took a rotten file away when it was asked to verify; the detail is its path.
  public static final String QUARANTINED = "QUARANTINED";

  /// The operator was told that the voters, this node among them or no more, or the mode are
  /// changed: now every node begins again.
  public static final String CHANGED = "CHANGED";

  /// A sync run was told that a file has come to the node; the detail is its path.
  public static final String ARRIVED = "ARRIVED";
}
