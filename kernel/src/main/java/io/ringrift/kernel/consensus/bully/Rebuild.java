package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;

/// Keeps a voter that lost its log from doing harm: it takes only what a leader sends, and says
/// nothing that could give a majority to a leader who lacks what this voter had acknowledged
/// (RELIABILITY D6). It takes part again once it has applied everything that leaders called
/// committed during one lease: older messages than that are dead with their connections.
@Pure
final class Rebuild {
  private final Moment earliestEnd;
  private boolean heard;
  private long target;

  Rebuild(Moment start, Duration lease) {
    this.earliestEnd = start.plus(lease);
  }

  /// Whether the core may see this message.
  boolean admits(Moment now, Message message) {
    return switch (message) {
      case Message.Append append -> {
        heard = true;
        if (now.isBefore(earliestEnd) || target == 0) {
          target = Math.max(target, append.commitIndex());
        }
        yield true;
      }
      case Message.InstallSnapshot snapshot -> {
        target = Math.max(target, snapshot.position().index());
        yield true;
      }
      case Message.LeaseRelease _, Message.AppendReply _, Message.LeaseDenial _ -> false;
      case Message.PreVote _, Message.PreVoteReply _ -> false;
      case Message.LeaseRequest _, Message.LeaseGrant _ -> false;
      case Message.FetchTail _, Message.Tail _ -> false;
    };
  }

  /// Whether the core's message may leave this node: only answers that tell what is on its disk.
  static boolean lets(Message message) {
    return message instanceof Message.AppendReply;
  }

  boolean done(Moment now, long applied) {
    return heard && !now.isBefore(earliestEnd) && applied >= target;
  }
}
