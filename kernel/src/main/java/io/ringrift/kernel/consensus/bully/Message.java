package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What voters say to each other. Any message may be lost, delayed past every timeout, duplicated
/// or reordered.
public sealed interface Message {
  /// "Would you grant me a lease in this epoch?" Changes nothing at the voter (thesis, 9.6).
  ///
  /// @param lease see `LeaseRequest`
  record PreVote(Epoch epoch, long round, int priority, Duration lease) implements Message {}

  /// @param outranked the voter ranks higher, is fit to lead and will run itself
  /// @param promised greatest epoch that the voter has promised, or knew of when it began
  record PreVoteReply(Epoch epoch, long round, boolean granted, boolean outranked, Epoch promised)
      implements Message {}

  /// Asks for a lease, or renews it. The lease counts from the send of this round.
  ///
  /// @param lease `lease_duration` of the asker. A voter with another one grants nothing: its grant
  ///   would run shorter than the asker counts on.
  record LeaseRequest(Epoch epoch, long round, int priority, Duration lease) implements Message {}

  /// A durable promise; the round is echoed so that a late grant is counted from its own request.
  ///
  /// @param logEnd end of the voter's log when it promised
  record LeaseGrant(Epoch epoch, long round, LogPosition logEnd) implements Message {}

  /// @param promised greatest epoch that the voter has promised, or knew of when it began
  record LeaseDenial(Epoch epoch, long round, Epoch promised) implements Message {}

  /// The holder gives its lease back.
  ///
  /// @param successor voter that should run at once; others hold back one election timeout
  record LeaseRelease(Epoch epoch, Optional<NodeId> successor) implements Message {}

  /// Entries behind a known place; none in a heartbeat.
  ///
  /// @param sequence echoed in the reply; also confirms leadership for a barrier
  /// @param previous place right before the first entry
  record Append(
      Epoch epoch, long sequence, LogPosition previous, List<LogEntry> entries, long commitIndex)
      implements Message {}

  /// @param epoch greatest epoch that the voter has promised, or knew of when it began
  /// @param sequence echoed; 0 when it confirms nothing: the Append was of an older epoch, or a
  ///   snapshot is acknowledged
  /// @param index accepted: last index known to match the leader; refused: last index worth trying
  record AppendReply(Epoch epoch, long sequence, boolean accepted, long index) implements Message {}

  /// A new leader asks the most advanced voter of its majority for what it lacks.
  record FetchTail(Epoch epoch, LogPosition from) implements Message {}

  /// @param matched the voter's log contains the place asked from
  /// @param previous matched: that place; else an earlier place of the voter's worth trying
  record Tail(
      Epoch epoch,
      boolean matched,
      LogPosition previous,
      List<LogEntry> entries,
      LogPosition logEnd)
      implements Message {}

  /// A snapshot that replaces the receiver's state and log up to its position.
  record InstallSnapshot(Epoch epoch, LogPosition position, byte[] data) implements Message {}
}
