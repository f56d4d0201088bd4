package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Who leads, by leases (docs/protocol/election.md): the voter, the candidate and the holder of a
/// lease in one node.
@Pure
final class LeaseElection {
  private final BullyConfig config;
  private final Timing timing;
  private final NodeId self;
  private final List<NodeId> ranking;
  private final Stagger stagger;
  private final Rules rules;
  private final Supplier<LogPosition> logEnd;
  private final Voter voter;
  private ElectionState state = new ElectionState.Following();
  private Optional<Heard> heard = Optional.empty();

  /// The leader lost last: not waited for, since it is the one that fell silent.
  private Optional<NodeId> lost = Optional.empty();

  private Epoch greatestSeen;
  private Moment runAt;
  private Moment heldBackUntil = Moment.MIN;
  private boolean ignoresOutranking;
  private boolean fit = true;
  private long rounds;

  LeaseElection(
      BullyConfig config,
      Rules rules,
      BullyCore.Recovered recovered,
      Moment start,
      Supplier<LogPosition> logEnd) {
    this.config = config;
    this.timing = config.timing();
    this.self = config.self();
    this.ranking = config.ranking();
    this.stagger = new Stagger(config);
    this.rules = rules;
    this.logEnd = logEnd;
    Promise restored = rules.restored(recovered.promise());
    this.voter = new Voter(timing, restored, recovered.seen(), start);
    this.greatestSeen = voter.known();
    this.runAt = start.plus(patience());
  }

  Voter voter() {
    return voter;
  }

  boolean leads() {
    return state instanceof ElectionState.Leading;
  }

  /// Epoch that this node leads in.
  Epoch epoch() {
    return lease().epoch();
  }

  Moment leaseEnds() {
    return lease().ends();
  }

  /// Log ends of the voters whose promises made this node leader.
  Map<NodeId, LogPosition> grantedEnds() {
    return lease().logEnds();
  }

  private Lease lease() {
    if (state instanceof ElectionState.Leading(var lease)) {
      return lease;
    }
    throw new IllegalStateException(self + " holds no lease");
  }

  boolean follows(NodeId leader, Epoch epoch) {
    return heard.filter(h -> h.leader().equals(leader) && h.epoch().equals(epoch)).isPresent();
  }

  Leadership leadership() {
    return switch (state) {
      case ElectionState.Leading(var lease) ->
          new Leadership(Role.LEADER, Optional.of(self), lease.epoch(), lease.ends());
      case ElectionState.Nominated _ ->
          new Leadership(Role.CANDIDATE, Optional.empty(), voter.promised(), Moment.MIN);
      case ElectionState.Polling _, ElectionState.Following _ ->
          heard.map(Heard::told).orElseGet(() -> Leadership.unknown(voter.known()));
    };
  }

  void tick(Turn turn) {
    switch (state) {
      case ElectionState.Following() -> {
        forgetSilent(turn);
        if (mayRun(turn.now()) && turn.reached(runAt)) {
          poll(turn);
        }
      }
      case ElectionState.Polling(var poll, var resend) -> {
        if (turn.reached(poll.since().plus(timing.electionTimeout()))) {
          endPoll(turn, poll);
        } else if (turn.reached(resend)) {
          askPoll(turn, poll);
        }
      }
      case ElectionState.Nominated(var lease, var since) -> {
        if (turn.reached(since.plus(timing.electionTimeout()))) {
          abandon(turn, lease);
        } else if (turn.reached(lease.asked().plus(stagger.resend()))) {
          ask(turn, lease);
        }
      }
      case ElectionState.Leading(var lease) -> {
        Duration gap = lease.renewed() ? timing.renew() : timing.requestTimeout();
        if (turn.reached(lease.asked().plus(gap))) {
          ask(turn, lease);
        }
      }
    }
  }

  private void forgetSilent(Turn turn) {
    if (heard.isPresent()) {
      Heard last = heard.get();
      Moment end =
          voter.holds(last.leader())
              ? voter.grantEnds().max(last.at().plus(stagger.audible()))
              : last.at().plus(timing.lease());
      if (turn.reached(end)) {
        forget(last.leader());
        runAt = turn.now().plus(patience());
      }
    }
  }

  private void forget(NodeId leader) {
    heard = Optional.empty();
    lost = Optional.of(leader);
  }

  // ---- candidacy ----

  private boolean mayRun(Moment now) {
    return fit
        && !leads()
        && heard.isEmpty()
        && !voter.heldAgainst(self, now)
        && !now.isBefore(heldBackUntil);
  }

  private void poll(Turn turn) {
    askPoll(turn, Poll.by(self, nextEpoch(), turn.now()));
  }

  private void askPoll(Turn turn, Poll poll) {
    state = new ElectionState.Polling(poll, turn.now().plus(stagger.resend()));
    long round = ++rounds;
    for (NodeId to : ranking) {
      if (!poll.granted().contains(to)) {
        turn.send(to, new Message.PreVote(poll.epoch(), round, priority(), timing.lease()));
      }
    }
    judge(turn, poll);
  }

  /// Runs once a quorum would grant and every voter of higher rank has had its say.
  private void judge(Turn turn, Poll poll) {
    boolean higherAsked =
        stagger.higher().stream()
            .allMatch(v -> poll.answered().contains(v) || lost.equals(Optional.of(v)));
    if (poll.granted().size() >= quorum() && (ignoresOutranking || higherAsked)) {
      nominate(turn);
    }
  }

  private void endPoll(Turn turn, Poll poll) {
    if (poll.granted().size() >= quorum()) {
      nominate(turn);
    } else {
      state = new ElectionState.Following();
      runAt = turn.now().plus(stagger.retry());
    }
  }

  private void nominate(Turn turn) {
    var lease = new Lease(nextEpoch(), quorum(), rules, timing);
    state = new ElectionState.Nominated(lease, turn.now());
    ask(turn, lease);
  }

  /// Asks every voter for one more round, the node's own vote first: it is durable before any
  /// request leaves.
  private void ask(Turn turn, Lease lease) {
    long round = ++rounds;
    lease.asked(round, turn.now());
    if (!voter.grant(turn, self, lease.epoch())) {
      throw new IllegalStateException(
          self + " runs in epoch " + lease.epoch() + " against its own promise " + voter.promise());
    }
    for (NodeId to : ranking) {
      if (!to.equals(self)) {
        turn.send(to, new Message.LeaseRequest(lease.epoch(), round, priority(), timing.lease()));
      }
    }
    count(turn, self, lease, round, logEnd.get());
  }

  private void count(Turn turn, NodeId from, Lease lease, long round, LogPosition end) {
    lease.granted(from, round, end, turn.now());
    if (state instanceof ElectionState.Nominated && turn.now().isBefore(lease.ends())) {
      state = new ElectionState.Leading(lease);
      heard = Optional.empty();
      lost = Optional.empty();
      ignoresOutranking = false;
    }
  }

  /// Gives up a candidacy; those who granted need not sit out the lease.
  private void abandon(Turn turn, Lease lease) {
    state = new ElectionState.Following();
    runAt = turn.now().plus(stagger.retry());
    release(turn, lease.epoch(), Optional.empty());
  }

  /// Frees every voter; only behind the announced end of leadership.
  void release(Turn turn, Epoch epoch, Optional<NodeId> successor) {
    voter.release(self, epoch);
    for (NodeId to : ranking) {
      if (!to.equals(self)) {
        turn.send(to, new Message.LeaseRelease(epoch, successor));
      }
    }
  }

  // ---- ends of leadership ----

  /// Leads no longer from here on. `release` follows once that is announced.
  ///
  /// @param rest how long this node holds back from running again
  Epoch stop(Turn turn, Duration rest) {
    Epoch epoch = epoch();
    state = new ElectionState.Following();
    heldBackUntil = turn.now().plus(rest);
    runAt = heldBackUntil.plus(patience());
    return epoch;
  }

  void fitness(Turn turn, boolean nowFit) {
    fit = nowFit;
    if (!fit) {
      switch (state) {
        case ElectionState.Nominated(var lease, var _) -> abandon(turn, lease);
        case ElectionState.Polling _ -> state = new ElectionState.Following();
        case ElectionState.Following _, ElectionState.Leading _ -> {}
      }
    }
  }

  // ---- messages ----

  void preVote(Turn turn, NodeId from, Message.PreVote ask) {
    if (heard.filter(h -> h.leader().equals(from)).isPresent()) {
      forget(from); // a leader that asks this leads no longer
    }
    boolean hears =
        heard.filter(h -> turn.now().isBefore(h.at().plus(stagger.audible()))).isPresent();
    boolean alike = ask.lease().equals(timing.lease());
    boolean granted = alike && !hears && !voter.heldAgainst(from, turn.now());
    boolean outranked = alike && stagger.outranks(from) && mayRun(turn.now());
    turn.send(
        from,
        new Message.PreVoteReply(ask.epoch(), ask.round(), granted, outranked, voter.known()));
    if (outranked && state instanceof ElectionState.Following) {
      poll(turn);
    }
  }

  void preVoteReply(Turn turn, NodeId from, Message.PreVoteReply reply) {
    greatestSeen = greatestSeen.max(reply.promised());
    if (state instanceof ElectionState.Polling(var poll, var _)
        && poll.epoch().equals(reply.epoch())) {
      if (reply.outranked() && !ignoresOutranking) {
        state = new ElectionState.Following();
        ignoresOutranking = true;
        runAt = turn.now().plus(stagger.yielding());
      } else {
        poll.answer(from, reply.granted());
        judge(turn, poll);
      }
    }
  }

  void leaseRequest(Turn turn, NodeId from, Message.LeaseRequest ask) {
    Epoch epoch = ask.epoch();
    boolean alike = ask.lease().equals(timing.lease());
    if (leads() || !alike || !voter.grant(turn, from, epoch)) {
      turn.send(from, new Message.LeaseDenial(epoch, ask.round(), voter.known()));
      return;
    }
    heard.filter(h -> h.epoch().isBefore(epoch)).ifPresent(h -> forget(h.leader()));
    state = new ElectionState.Following();
    ignoresOutranking = false;
    runAt = voter.grantEnds().plus(patience());
    turn.send(from, new Message.LeaseGrant(epoch, ask.round(), logEnd.get()));
  }

  void leaseGrant(Turn turn, NodeId from, Message.LeaseGrant grant) {
    switch (state) {
      case ElectionState.Nominated(var lease, var _) when lease.epoch().equals(grant.epoch()) ->
          count(turn, from, lease, grant.round(), grant.logEnd());
      case ElectionState.Leading(var lease) when lease.epoch().equals(grant.epoch()) ->
          count(turn, from, lease, grant.round(), grant.logEnd());
      case ElectionState.Nominated _,
          ElectionState.Leading _,
          ElectionState.Polling _,
          ElectionState.Following _ -> {}
    }
  }

  /// A greater promise, or another holder in this very epoch, ends a candidacy. A denial that tells
  /// of neither comes from a voter whose grant to somebody else still runs: asked again.
  void leaseDenial(Turn turn, Message.LeaseDenial denial) {
    greatestSeen = greatestSeen.max(denial.promised());
    if (state instanceof ElectionState.Nominated(var lease, var _)) {
      boolean taken =
          denial.epoch().equals(lease.epoch()) && denial.promised().equals(lease.epoch());
      if (taken || denial.promised().isAfter(lease.epoch())) {
        abandon(turn, lease);
      }
    }
  }

  void leaseRelease(Turn turn, NodeId from, Message.LeaseRelease release) {
    if (release.epoch().isBefore(voter.promised()) || leads()) {
      return;
    }
    voter.release(from, release.epoch());
    if (follows(from, release.epoch())) {
      forget(from);
    }
    runAt = turn.now().plus(patience());
    if (release.successor().equals(Optional.of(self))) {
      greatestSeen = greatestSeen.max(release.epoch());
      heldBackUntil = Moment.MIN;
      if (mayRun(turn.now()) && !(state instanceof ElectionState.Nominated)) {
        nominate(turn);
      }
    } else if (release.successor().isPresent()) {
      heldBackUntil = turn.now().plus(timing.electionTimeout());
      runAt = heldBackUntil.plus(patience());
    }
  }

  /// An append of an epoch that is at least the promised one: its sender leads.
  void leaderSeen(Turn turn, NodeId leader, Epoch epoch) {
    if (state instanceof ElectionState.Nominated(var lease, var _)) {
      abandon(turn, lease);
    }
    state = new ElectionState.Following();
    voter.follow(turn, leader, epoch);
    heard = Optional.of(new Heard(leader, epoch, turn.now()));
    lost = Optional.empty();
    ignoresOutranking = false;
  }

  void epochSeen(Epoch epoch) {
    greatestSeen = greatestSeen.max(epoch);
  }

  private int quorum() {
    return rules.quorum(config);
  }

  private int priority() {
    return config.voters().getOrDefault(self, 0);
  }

  private Epoch nextEpoch() {
    return voter.known().max(greatestSeen).next();
  }

  private Duration patience() {
    return stagger.patience(lost);
  }
}
