package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// Keeps the promise on which a leader's lease rests: having heard a leader, this voter helps
/// nobody else for one hold. Ratis 3.3.0 keeps it in the pre-vote only (`VoteContext.checkTerm`
/// skips the question for a greater term), so a heartbeat between pre-vote and vote, a restart or a
/// forced election would break it. A voter that begins with an empty log asks others' favour only:
/// it cannot know what it had acknowledged before it was wiped.
@Pure
final class VoteGuard {
  private final Duration hold;
  private Optional<NodeId> leader = Optional.empty();
  private long term;
  private Moment heldUntil;
  private long releasedTerm = -1;
  private Moment ownLease = Moment.MIN;
  private long passed;
  private long settled;
  private boolean empty;
  private Moment targetFixed = Moment.MAX;
  private long target;

  /// @param restarted something was voted here before: whatever lease that supports is sat out
  VoteGuard(Duration hold, Moment start, boolean restarted) {
    this.hold = hold;
    this.heldUntil = restarted ? start.plus(hold) : Moment.MIN;
    this.empty = !restarted;
  }

  /// An append of that leader's term came in; counted before it is answered.
  ///
  /// @param committed what the leader calls committed, or what the snapshot covers that it sends
  /// @param first it carries the first entry of all, written in this very term
  void heard(Moment now, NodeId from, long inTerm, long committed, boolean first) {
    if (inTerm < term) {
      return;
    }
    if (empty && first) {
      // Entry 0 is a configuration: this cluster has just begun and has acknowledged nothing.
      empty = false;
    }
    if (empty && targetFixed.equals(Moment.MAX)) {
      targetFixed = now.plus(hold);
    }
    // Older messages than a hold are dead with their connections: nothing that was acknowledged
    // before the log was lost becomes committed later.
    if (empty && now.isBefore(targetFixed)) {
      target = Math.max(target, committed);
    }
    if (inTerm != releasedTerm) {
      term = inTerm;
      leader = Optional.of(from);
      heldUntil = now.plus(hold);
    }
  }

  /// The leader of that term gave its lease back.
  void released(long ofTerm) {
    releasedTerm = Math.max(releasedTerm, ofTerm);
    if (ofTerm >= term) {
      heldUntil = Moment.MIN;
    }
  }

  /// This voter has executed so far.
  void applied(Moment now, long index) {
    if (empty && !now.isBefore(targetFixed) && index >= target) {
      empty = false;
    }
  }

  /// This voter was elected, so it holds whatever a majority had acknowledged.
  void leads() {
    empty = false;
  }

  /// This voter holds an office itself until then, which rests on its own vote too; `Moment.MIN`
  /// when it holds none.
  ///
  /// @param settledBefore what `settled` told before the term was read that the office rests on
  /// @return false when Raft may have got a vote since: this office is over
  boolean holdsOffice(Moment until, long settledBefore) {
    boolean holds = passed == settledBefore;
    ownLease = holds ? until : Moment.MIN;
    return holds;
  }

  /// A vote was let through; `settles` follows.
  void passes() {
    passed++;
  }

  /// Raft has decided about a vote that was let through.
  void settles() {
    settled++;
  }

  /// Votes that Raft has decided about: what it reads of itself from now on says how.
  long settled() {
    return settled;
  }

  /// Whether this voter began with an empty log and has not caught up.
  boolean rebuilding() {
    return empty;
  }

  /// Whom this voter follows, and until when it is held to that; empty when it has heard of nobody
  /// or of one that gave its lease back, or cannot lead itself because it is rebuilding.
  Optional<Followed> followed() {
    return leader
        .filter(_ -> term > releasedTerm && !empty)
        .map(l -> new Followed(l, term, heldUntil));
  }

  /// Whether this voter may vote for itself in the term behind the one it follows.
  boolean mayStand(Moment now, long behind) {
    return !empty && behind == term && !now.isBefore(heldUntil) && !now.isBefore(ownLease);
  }

  /// This voter voted for itself in the term behind that one: appends of that term hold nothing.
  void stood(long behind) {
    term = Math.max(term, behind + 1);
    leader = Optional.empty();
  }

  /// Why the vote is withheld; empty when Ratis may decide.
  ///
  /// @param candidateEnd last index of the candidate's log
  Optional<String> withheld(Moment now, NodeId candidate, long candidateEnd) {
    if (empty && candidateEnd > 0) {
      return Optional.of("this voter began with an empty log and has not caught up");
    }
    if (now.isBefore(ownLease)) {
      return Optional.of("this voter's own lease runs");
    }
    if (!leader.equals(Optional.of(candidate)) && now.isBefore(heldUntil)) {
      return Optional.of(
          leader.map(l -> "the lease of " + l + " runs").orElse("a lease from before may run"));
    }
    return Optional.empty();
  }
}
