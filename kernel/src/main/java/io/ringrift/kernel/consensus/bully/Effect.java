package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;

/// What a `BullyCore` wants done, in order. The driver may do a storing effect earlier than its
/// place (group commit), never later: what is stored is durable before anything behind it is sent,
/// announced or committed. `Replicate` alone may be done earlier still.
sealed interface Effect {
  /// Store the promise, durably.
  ///
  /// @param vote it is this voter's vote for a candidate; else it follows one who leads already
  record PersistPromise(Promise promise, boolean vote) implements Effect {}

  /// Delete log entries from this index on, durably together with what is stored next.
  record TruncateLog(long fromIndex) implements Effect {}

  /// Append entries to the stored log, durably.
  record PersistEntries(List<LogEntry> entries) implements Effect {}

  /// Replace state machine and log by a snapshot, durably.
  record InstallSnapshot(LogPosition position, byte[] data) implements Effect {}

  record Send(NodeId to, Message message) implements Effect {}

  /// Send a leader's entries to a follower. They may leave before anything is stored, because the
  /// leader counts its own copy only where the storing effect stands before the commit (thesis,
  /// section 10.2.1).
  record Replicate(NodeId to, Message.Append append) implements Effect {}

  /// Send the newest stored snapshot as `Message.InstallSnapshot`.
  record SendSnapshot(NodeId to, Epoch epoch) implements Effect {}

  /// Hand committed entries to the state machine, in order, each once per boot.
  record Commit(List<LogEntry> entries) implements Effect {}

  /// Publish the one answer to "who leads".
  record Announce(Leadership leadership) implements Effect {}

  /// Everything committed before is applied here: leader duties may open.
  record OpenDuties(Epoch epoch) implements Effect {}

  /// Leader duties have to close before the next effect.
  record CloseDuties(Epoch epoch, String cause) implements Effect {}

  /// The commands of a ticket stand in the log at these positions; done when the last is committed.
  /// Commits of later epochs may prove them lost: then `Refused` with OUTCOME_UNKNOWN follows.
  record Accepted(long ticket, List<LogPosition> positions) implements Effect {}

  /// A proposal, barrier or transfer came to nothing.
  record Refused(long ticket, Reason reason, String message) implements Effect {}

  /// Reads of this ticket may be served once this index is applied.
  record BarrierPassed(long ticket, long index) implements Effect {}

  /// The lease was released in favour of this voter.
  record Transferred(long ticket, NodeId target) implements Effect {}

  /// Store a snapshot at the present applied index and answer with `Input.SnapshotTaken`.
  record TakeSnapshot() implements Effect {}

  /// Delete stored log entries up to this position; a stored snapshot covers them.
  record CompactLog(LogPosition upTo) implements Effect {}

  /// Entries that this voter had taken and that lost their place; keep them for the operator and
  /// tell the state machine.
  record Dropped(List<LogEntry> entries) implements Effect {}
}
