package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One voter of bully mode: election and replication composed. A function of (state, now, input);
/// one thread owns it.
@Pure
final class BullyCore {
  /// What survived a restart.
  ///
  /// @param seen greatest epoch in which somebody was known to lead; may be beyond the promise,
  ///   when this node heard of it as no voter
  /// @param snapshot place that the stored snapshot covers; START without one
  /// @param applied last place that the state machine holds; its entries are not committed again
  /// @param entries stored log behind the snapshot or the kept tail, in order
  record Recovered(
      Promise promise,
      Epoch seen,
      LogPosition snapshot,
      LogPosition applied,
      List<LogEntry> entries) {
    static final Recovered EMPTY =
        new Recovered(Promise.NONE, Epoch.ZERO, LogPosition.START, LogPosition.START, List.of());
  }

  /// A transfer of leadership under way; proposals wait it out elsewhere.
  private record Handover(long ticket, Optional<NodeId> target, Moment deadline) {}

  private final BullyConfig config;
  private final LeaseElection election;
  private final ReplicaCore replica;
  private Leadership announced;
  private Optional<Handover> handover = Optional.empty();

  BullyCore(BullyConfig config, Recovered recovered, Moment start) {
    this(config, Rules.PROTOCOL, recovered, start);
  }

  BullyCore(BullyConfig config, Rules rules, Recovered recovered, Moment start) {
    this.config = config;
    this.replica = new ReplicaCore(config, rules, recovered);
    this.election = new LeaseElection(config, rules, recovered, start, replica::end);
    this.announced = election.leadership();
  }

  /// Advances by one input.
  ///
  /// @param now never earlier than in the call before
  List<Effect> step(Moment now, Input input) {
    Turn turn = Turn.at(now);
    if (election.leads() && turn.reached(election.leaseEnds())) {
      stopLeading(turn, "the lease ended before a quorum renewed it", Optional.empty());
    }
    switch (input) {
      case Input.Tick() -> {}
      case Input.Received(var from, var message) -> {
        if (config.voters().containsKey(from) && !from.equals(config.self())) {
          receive(turn, from, message);
        }
      }
      case Input.Propose propose -> propose(turn, propose);
      case Input.Barrier(var ticket) -> barrier(turn, ticket);
      case Input.EpochKnown(var epoch) -> epochKnown(turn, epoch);
      case Input.SnapshotTaken(var position) -> replica.snapshotTaken(turn, position);
      case Input.StepDown(var cause) -> {
        if (election.leads()) {
          Optional<NodeId> successor = replica.open() ? replica.successor(turn) : Optional.empty();
          stopLeading(turn, cause, successor, config.rest());
        }
      }
      case Input.Transfer(var ticket, var target) -> transfer(turn, ticket, target);
      case Input.Fitness(var fit, var cause) -> fitness(turn, fit, cause);
    }
    settle(turn);
    return List.copyOf(turn.effects());
  }

  /// The present answer to "who leads".
  Leadership leadership() {
    return election.leadership();
  }

  LogPosition logEnd() {
    return replica.end();
  }

  long commitIndex() {
    return replica.commitIndex();
  }

  /// Whether a `Tick` is wanted `LeaderReplica.COMMIT_NOTICE` from now, if nothing else comes.
  boolean owes() {
    return replica.owes();
  }

  Promise promise() {
    return election.voter().promise();
  }

  // ---- what follows from every input ----

  private void settle(Turn turn) {
    election.tick(turn);
    announce(turn);
    if (election.leads()) {
      if (!replica.leads()) {
        replica.lead(turn, election.epoch(), election.grantedEnds());
      }
      replica.tick(turn, election.grantedEnds());
      handOver(turn);
    }
    announce(turn);
    replica.settle(turn);
  }

  private void announce(Turn turn) {
    Leadership present = election.leadership();
    if (!present.equals(announced)) {
      announced = present;
      turn.emit(new Effect.Announce(present));
    }
  }

  private void stopLeading(Turn turn, String cause, Optional<NodeId> successor) {
    stopLeading(turn, cause, successor, Duration.ZERO);
  }

  /// Duties close and everybody here knows before anybody else may take the lease.
  private void stopLeading(Turn turn, String cause, Optional<NodeId> successor, Duration rest) {
    replica.stopLeading(turn, cause);
    Epoch epoch = election.stop(turn, rest);
    announce(turn);
    handover.ifPresent(h -> turn.emit(new Effect.Refused(h.ticket(), Reason.NOT_LEADER, cause)));
    handover = Optional.empty();
    election.release(turn, epoch, successor);
  }

  // ---- messages ----

  private void receive(Turn turn, NodeId from, Message message) {
    switch (message) {
      case Message.PreVote ask -> election.preVote(turn, from, ask);
      case Message.PreVoteReply reply -> election.preVoteReply(turn, from, reply);
      case Message.LeaseRequest ask -> election.leaseRequest(turn, from, ask);
      case Message.LeaseGrant grant -> election.leaseGrant(turn, from, grant);
      case Message.LeaseDenial denial -> {
        overtaken(turn, from, denial.promised());
        election.leaseDenial(turn, denial);
      }
      case Message.LeaseRelease release -> election.leaseRelease(turn, from, release);
      case Message.Append append -> append(turn, from, append);
      case Message.AppendReply reply -> {
        overtaken(turn, from, reply.epoch());
        replica.appendReply(turn, from, reply);
      }
      case Message.FetchTail fetch -> {
        if (!election.leads() && fetch.epoch().equals(promise().epoch())) {
          replica.fetchTail(turn, from, fetch);
        }
      }
      case Message.Tail tail -> replica.tail(turn, from, tail, grantedEnds());
      case Message.InstallSnapshot snapshot -> installSnapshot(turn, from, snapshot);
    }
  }

  private Map<NodeId, LogPosition> grantedEnds() {
    return election.leads() ? election.grantedEnds() : Map.of();
  }

  private void epochKnown(Turn turn, Epoch epoch) {
    election.epochSeen(epoch);
    if (election.leads() && epoch.isAfter(election.epoch())) {
      stopLeading(turn, "the state names epoch " + epoch, Optional.empty());
    }
  }

  /// A leader steps down for a greater epoch (RELIABILITY C.2, F2): that voter will not follow in
  /// this one any more.
  private void overtaken(Turn turn, NodeId from, Epoch epoch) {
    election.epochSeen(epoch);
    if (election.leads() && epoch.isAfter(election.epoch())) {
      stopLeading(turn, from + " has promised epoch " + epoch, Optional.empty());
    }
  }

  private void append(Turn turn, NodeId from, Message.Append append) {
    Epoch known = election.voter().known();
    if (append.epoch().isBefore(known)) {
      turn.send(from, new Message.AppendReply(known, 0, false, 0));
      return;
    }
    if (election.leads()) {
      boolean second = append.epoch().equals(election.epoch());
      stopLeading(turn, from + " leads in epoch " + append.epoch(), Optional.empty());
      if (second) {
        return; // two leaders of one epoch: neither is believed (RELIABILITY C.7)
      }
    }
    election.leaderSeen(turn, from, append.epoch());
    replica.append(turn, from, append);
  }

  /// Only from the leader that its appends have made known, from the one that this voter granted
  /// the epoch to, or from the voter that a new leader adopts from: the message alone does not say
  /// which of them its sender is. A snapshot may travel for longer than a silent leader is
  /// remembered.
  private void installSnapshot(Turn turn, NodeId from, Message.InstallSnapshot snapshot) {
    if (election.leads()) {
      replica.adoptSnapshot(turn, from, snapshot, election.grantedEnds());
    } else if (election.follows(from, snapshot.epoch())
        || promise().equals(new Promise(snapshot.epoch(), Optional.of(from)))) {
      election.leaderSeen(turn, from, snapshot.epoch());
      replica.install(turn, from, snapshot);
    }
  }

  // ---- what the node asks ----

  private void propose(Turn turn, Input.Propose proposal) {
    if (!election.leads() || !replica.open()) {
      refuse(turn, proposal.ticket());
    } else if (handover.isPresent()) {
      turn.emit(
          new Effect.Refused(
              proposal.ticket(),
              Reason.NOT_LEADER,
              "leadership is being transferred; nothing was written, ask the new leader"));
    } else {
      replica.propose(turn, proposal);
    }
  }

  private void barrier(Turn turn, long ticket) {
    if (election.leads() && replica.open()) {
      replica.barrier(turn, ticket);
    } else {
      refuse(turn, ticket);
    }
  }

  private void refuse(Turn turn, long ticket) {
    Leadership present = election.leadership();
    String who =
        election.leads()
            ? "this node has just been elected in epoch "
                + present.epoch()
                + " and still takes over what was committed; try again shortly"
            : present
                .leader()
                .map(l -> l + " leads in epoch " + present.epoch() + "; ask there")
                .orElse("no leader is known; try again later");
    turn.emit(
        new Effect.Refused(ticket, Reason.NOT_LEADER, config.self() + " does not lead: " + who));
  }

  private void fitness(Turn turn, boolean fit, String cause) {
    if (!fit && election.leads()) {
      Optional<NodeId> successor = replica.open() ? replica.successor(turn) : Optional.empty();
      stopLeading(turn, cause, successor, config.rest());
    }
    election.fitness(turn, fit);
  }

  // ---- handing over ----

  private void transfer(Turn turn, long ticket, Optional<NodeId> target) {
    if (!election.leads() || !replica.open()) {
      refuse(turn, ticket);
    } else if (target.filter(t -> !mayTakeOver(t)).isPresent()) {
      turn.emit(
          new Effect.Refused(
              ticket,
              Reason.INVALID_ARGUMENT,
              "target "
                  + target.get()
                  + " must be another voter than the leader "
                  + config.self()
                  + "; voters are "
                  + config.ranking()));
    } else if (handover.isPresent()) {
      turn.emit(
          new Effect.Refused(
              ticket, Reason.ILLEGAL_TRANSITION, "another transfer is under way; wait for it"));
    } else {
      Moment deadline = turn.now().plus(config.timing().lease());
      handover = Optional.of(new Handover(ticket, target, deadline));
    }
  }

  private boolean mayTakeOver(NodeId target) {
    return config.voters().containsKey(target) && !target.equals(config.self());
  }

  /// Releases the lease once the target holds the whole log, or gives up after one lease.
  private void handOver(Turn turn) {
    if (handover.isEmpty()) {
      return;
    }
    Handover present = handover.get();
    Optional<NodeId> ready =
        present.target().isPresent()
            ? present.target().filter(t -> replica.caughtUp(turn, t))
            : replica.successor(turn);
    if (ready.isPresent()) {
      handover = Optional.empty();
      stopLeading(turn, "leadership goes to " + ready.get(), ready, config.rest());
      turn.emit(new Effect.Transferred(present.ticket(), ready.get()));
    } else if (turn.reached(present.deadline())) {
      handover = Optional.empty();
      turn.emit(
          new Effect.Refused(
              present.ticket(),
              Reason.UNREACHABLE,
              present.target().map(NodeId::toString).orElse("no voter")
                  + " did not catch up with the log within "
                  + config.timing().lease()
                  + "; "
                  + config.self()
                  + " goes on leading"));
    }
  }
}
