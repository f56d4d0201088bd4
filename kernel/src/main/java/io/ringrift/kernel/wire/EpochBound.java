package io.ringrift.kernel.wire;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;

/// Refuses messages of an epoch that no election can have reached. A promise is for good, and
/// behind the greatest number there is no next one: a single message could end all elections.
final class EpochBound {
  /// More elections than any voter sleeps through.
  static final long MOST_AHEAD = 1L << 20;

  private EpochBound() {}

  /// @param known greatest epoch that this voter promised or was told of
  /// @throws Refusal INVALID_ARGUMENT
  static void check(Message message, Epoch known) {
    Epoch named = greatest(message);
    if (named.value() - known.value() > MOST_AHEAD) {
      throw Refusal.invalid(
          "epoch",
          named.toString(),
          "at most " + MOST_AHEAD + " beyond " + known + ", the greatest known here");
    }
  }

  private static Epoch greatest(Message message) {
    return switch (message) {
      case Message.PreVote vote -> vote.epoch();
      case Message.PreVoteReply reply -> reply.epoch().max(reply.promised());
      case Message.LeaseRequest request -> request.epoch();
      case Message.LeaseGrant grant -> grant.epoch().max(grant.logEnd().epoch());
      case Message.LeaseDenial denial -> denial.epoch().max(denial.promised());
      case Message.LeaseRelease release -> release.epoch();
      case Message.Append append -> append.epoch().max(last(append.previous(), append.entries()));
      case Message.AppendReply reply -> reply.epoch();
      case Message.FetchTail fetch -> fetch.epoch().max(fetch.from().epoch());
      case Message.Tail tail ->
          tail.epoch().max(tail.logEnd().epoch()).max(last(tail.previous(), tail.entries()));
      case Message.InstallSnapshot snapshot -> snapshot.epoch().max(snapshot.position().epoch());
    };
  }

  /// Entries are in the order of their epochs.
  private static Epoch last(LogPosition previous, List<LogEntry> entries) {
    return entries.isEmpty() ? previous.epoch() : entries.getLast().position().epoch();
  }
}
