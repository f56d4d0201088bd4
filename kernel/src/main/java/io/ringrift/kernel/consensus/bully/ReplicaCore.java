package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The replicated log of bully mode (docs/protocol/ledger.md): the follower's half, and the
/// leader's while this node leads. Epochs are checked by the caller, who knows the promise.
@Pure
final class ReplicaCore {
  private final BullyConfig config;
  private final Rules rules;
  private final ReplicaLog replica;
  private Optional<LeaderReplica> leading = Optional.empty();
  private long sequence;

  ReplicaCore(BullyConfig config, Rules rules, BullyCore.Recovered recovered) {
    this.config = config;
    this.rules = rules;
    this.replica = new ReplicaLog(config, rules, recovered);
  }

  LogPosition end() {
    return replica.end();
  }

  long commitIndex() {
    return replica.commitIndex();
  }

  boolean leads() {
    return leading.isPresent();
  }

  /// Whether duties are open: proposals and reads are taken.
  boolean open() {
    return leading.filter(LeaderReplica::open).isPresent();
  }

  /// See `LeaderReplica.owes`.
  boolean owes() {
    return leading.filter(LeaderReplica::owes).isPresent();
  }

  boolean caughtUp(Turn turn, NodeId voter) {
    return leading.filter(l -> l.caughtUp(turn, voter)).isPresent();
  }

  Optional<NodeId> successor(Turn turn) {
    return leading.flatMap(l -> l.successor(turn));
  }

  // ---- leading ----

  void lead(Turn turn, Epoch epoch, Map<NodeId, LogPosition> ends) {
    var leader = new LeaderReplica(config, rules.quorum(config), epoch, replica, sequence);
    leading = Optional.of(leader);
    leader.start(turn, ends);
  }

  void stopLeading(Turn turn, String cause) {
    leading.ifPresent(
        leader -> {
          sequence = leader.sequence();
          leader.stop(turn, cause);
        });
    leading = Optional.empty();
  }

  void tick(Turn turn, Map<NodeId, LogPosition> ends) {
    leading.ifPresent(leader -> leader.tick(turn, ends));
  }

  void appendReply(Turn turn, NodeId from, Message.AppendReply reply) {
    leading.ifPresent(leader -> leader.reply(turn, from, reply));
  }

  void tail(Turn turn, NodeId from, Message.Tail tail, Map<NodeId, LogPosition> ends) {
    leading.ifPresent(leader -> leader.tail(turn, from, tail, ends));
  }

  void adoptSnapshot(
      Turn turn, NodeId from, Message.InstallSnapshot snapshot, Map<NodeId, LogPosition> ends) {
    leading.ifPresent(leader -> leader.snapshot(turn, from, snapshot, ends));
  }

  void propose(Turn turn, Input.Propose proposal) {
    if (proposal.commands().isEmpty()) {
      turn.emit(
          new Effect.Refused(
              proposal.ticket(), Reason.INVALID_ARGUMENT, "a proposal needs a command"));
      return;
    }
    leading.ifPresent(leader -> leader.propose(turn, proposal));
  }

  void barrier(Turn turn, long ticket) {
    leading.ifPresent(leader -> leader.barrier(turn, ticket));
  }

  // ---- following ----

  /// Takes in what the leader sent: durable before the answer, and committed no further than it
  /// matched (thesis, section 3.5).
  void append(Turn turn, NodeId from, Message.Append append) {
    if (!replica.matches(append.previous())) {
      turn.send(
          from,
          new Message.AppendReply(
              append.epoch(), append.sequence(), false, replica.worthTrying(append.previous())));
      return;
    }
    replica.merge(turn, append.entries());
    long matched = append.previous().index() + append.entries().size();
    turn.send(from, new Message.AppendReply(append.epoch(), append.sequence(), true, matched));
    replica.commitTo(turn, Math.min(append.commitIndex(), matched));
  }

  void install(Turn turn, NodeId from, Message.InstallSnapshot snapshot) {
    replica.install(turn, snapshot.position(), snapshot.data());
    turn.send(
        from, new Message.AppendReply(snapshot.epoch(), 0, true, snapshot.position().index()));
  }

  /// Answers a new leader that asks for what it lacks.
  void fetchTail(Turn turn, NodeId from, Message.FetchTail fetch) {
    LogPosition place = fetch.from();
    EntryLog log = replica.log();
    if (place.index() < log.base().index()) {
      turn.emit(new Effect.SendSnapshot(from, fetch.epoch()));
      return;
    }
    if (!log.contains(place)) {
      long hint = Math.min(end().index(), place.index() - 1);
      turn.send(
          from,
          new Message.Tail(
              fetch.epoch(), false, log.positionAt(hint).orElse(log.base()), List.of(), end()));
      return;
    }
    List<LogEntry> entries =
        place.index() < end().index()
            ? log.from(place.index() + 1, config.maxBatchEntries(), config.maxBatchBytes())
            : List.of();
    turn.send(from, new Message.Tail(fetch.epoch(), true, place, entries, end()));
  }

  // ---- snapshots ----

  void snapshotTaken(Turn turn, LogPosition position) {
    replica.snapshotTaken(turn, position);
  }

  void settle(Turn turn) {
    replica.askSnapshot(turn);
  }
}
