package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// The leader's half of replication, alive for one epoch: adopt, open the epoch, append, commit.
final class LeaderReplica {
  /// How long a commit waits for entries that carry it to the followers.
  static final Duration COMMIT_NOTICE = Duration.ofMillis(2);

  private final BullyConfig config;
  private final Timing timing;
  private final int quorum;
  private final Epoch epoch;
  private final ReplicaLog replica;
  private final Adoption adoption;
  private final Barriers barriers = new Barriers();
  private final TreeMap<NodeId, Progress> followers = new TreeMap<>();

  /// Index of the entry that opens this epoch; empty while adopting.
  private Optional<Long> opening = Optional.empty();

  private boolean open;
  private long sequence;
  private Moment committedAt = Moment.MIN;

  /// @param sequence last one used in an earlier epoch of this boot
  LeaderReplica(BullyConfig config, int quorum, Epoch epoch, ReplicaLog replica, long sequence) {
    this.config = config;
    this.timing = config.timing();
    this.quorum = quorum;
    this.epoch = epoch;
    this.replica = replica;
    this.sequence = sequence;
    this.adoption = new Adoption(epoch, quorum, timing, replica);
    for (NodeId voter : config.ranking()) {
      if (!voter.equals(config.self())) {
        followers.put(voter, new Progress(replica.end().index() + 1));
      }
    }
  }

  Epoch epoch() {
    return epoch;
  }

  long sequence() {
    return sequence;
  }

  /// Whether everything committed before this epoch is applied here.
  boolean open() {
    return open;
  }

  boolean adopting() {
    return opening.isEmpty();
  }

  // ---- opening ----

  void start(Turn turn, Map<NodeId, LogPosition> ends) {
    advance(turn, ends);
  }

  /// Goes on adopting; opens the epoch when that is done.
  private void advance(Turn turn, Map<NodeId, LogPosition> ends) {
    if (!adopting()) {
      return;
    }
    if (!adoption.done(ends, config.self())) {
      adoption.pursue(turn, ends);
      return;
    }
    long index = replica.end().index() + 1;
    opening = Optional.of(index);
    byte[] name = config.self().value().getBytes(StandardCharsets.UTF_8);
    followers.replaceAll((_, old) -> new Progress(index));
    append(
        turn, List.of(new LogEntry(new LogPosition(epoch, index), LogEntry.Kind.OPEN_EPOCH, name)));
    commit(turn);
  }

  void tail(Turn turn, NodeId from, Message.Tail tail, Map<NodeId, LogPosition> ends) {
    if (adopting() && tail.epoch().equals(epoch)) {
      adoption.tail(turn, from, tail);
      advance(turn, ends);
    }
  }

  void snapshot(
      Turn turn, NodeId from, Message.InstallSnapshot snapshot, Map<NodeId, LogPosition> ends) {
    if (adopting() && snapshot.epoch().equals(epoch)) {
      replica.install(turn, snapshot.position(), snapshot.data());
      adoption.installed(turn, from);
      advance(turn, ends);
    }
  }

  // ---- time ----

  void tick(Turn turn, Map<NodeId, LogPosition> ends) {
    advance(turn, ends);
    followers.forEach(
        (to, progress) -> {
          boolean fellSilent = progress.fellSilent(turn.now(), timing.requestTimeout());
          if (fellSilent
              || progress.beatDue(turn.now(), timing.heartbeat())
              || (owed(progress) && turn.reached(committedAt.plus(COMMIT_NOTICE)))) {
            beat(turn, to, progress);
          }
        });
  }

  /// Whether a follower waits to be told of a commit that no batch carries so far.
  boolean owes() {
    return followers.values().stream().anyMatch(this::owed);
  }

  private boolean owed(Progress progress) {
    return progress.owed(replica.commitIndex()) && progress.next() > replica.end().index();
  }

  // ---- sending ----

  /// An append without entries at the last place known to match: it says who leads, carries the
  /// commit index and confirms leadership.
  private void beat(Turn turn, NodeId to, Progress progress) {
    LogPosition previous = replica.log().positionAt(progress.match()).orElse(replica.log().base());
    progress.beatSent(replica.commitIndex(), turn.now());
    turn.send(
        to, new Message.Append(epoch, ++sequence, previous, List.of(), replica.commitIndex()));
  }

  /// Entries go to the followers before they are stored here, so that the disks work side by side.
  private void append(Turn turn, List<LogEntry> entries) {
    replica.log().append(entries);
    followers.forEach((to, progress) -> pump(turn, to, progress));
    turn.emit(new Effect.PersistEntries(entries));
  }

  private void pump(Turn turn, NodeId to, Progress progress) {
    while (!adopting() && progress.mayBatch() && progress.next() <= replica.end().index()) {
      Optional<LogPosition> previous = replica.log().positionAt(progress.next() - 1);
      if (previous.isEmpty()) {
        if (progress.snapshotDue(turn.now(), snapshotGap())) {
          turn.emit(new Effect.SendSnapshot(to, epoch));
        }
        return;
      }
      List<LogEntry> batch =
          replica.log().from(progress.next(), config.maxBatchEntries(), config.maxBatchBytes());
      turn.emit(
          new Effect.Replicate(
              to,
              new Message.Append(epoch, ++sequence, previous.get(), batch, replica.commitIndex())));
      progress.batchSent(sequence, batch.size(), replica.commitIndex(), turn.now());
    }
  }

  private Duration snapshotGap() {
    Duration several = timing.requestTimeout().multipliedBy(8);
    return several.compareTo(timing.heartbeat()) > 0 ? several : timing.heartbeat();
  }

  // ---- answers ----

  void reply(Turn turn, NodeId from, Message.AppendReply reply) {
    Progress progress = followers.get(from);
    if (progress == null || !reply.epoch().equals(epoch) || reply.sequence() > sequence) {
      return;
    }
    if (reply.accepted()) {
      long index = Math.min(reply.index(), replica.end().index());
      progress.accepted(reply.sequence(), index, turn.now());
    } else if (reply.sequence() > 0) {
      progress.refused(reply.sequence(), reply.index(), turn.now());
    }
    commit(turn);
    pump(turn, from, progress);
    confirm(turn);
  }

  /// Commits what a quorum holds, and only through an entry of this epoch (thesis, section 3.6.2).
  private void commit(Turn turn) {
    long held = Progress.greatest(figures(Progress::match, replica.end().index()), quorum);
    if (held <= replica.commitIndex()
        || !replica.log().positionAt(held).map(LogPosition::epoch).equals(Optional.of(epoch))) {
      return;
    }
    replica.commitTo(turn, held);
    committedAt = turn.now();
    if (!open && opening.filter(index -> index <= held).isPresent()) {
      open = true;
      turn.emit(new Effect.OpenDuties(epoch));
    }
  }

  private List<Long> figures(ToLongFunction<Progress> figure, long own) {
    var figures = new ArrayList<Long>();
    figures.add(own);
    followers.values().forEach(p -> figures.add(figure.applyAsLong(p)));
    return figures;
  }

  // ---- proposals and reads ----

  void propose(Turn turn, Input.Propose proposal) {
    List<byte[]> commands = proposal.commands();
    long waiting = replica.end().index() - replica.commitIndex();
    long bytes = replica.log().bytesBehind(replica.commitIndex());
    long more = commands.stream().mapToLong(c -> c.length).sum();
    boolean tooLarge = waiting > 0 && bytes + more > config.maxUncommittedBytes();
    if (tooLarge || waiting + commands.size() > config.maxUncommitted()) {
      turn.emit(
          new Effect.Refused(
              proposal.ticket(),
              Reason.OVERLOADED,
              overload(waiting, bytes, commands.size(), more)));
      return;
    }
    var entries = new ArrayList<LogEntry>();
    long index = replica.end().index();
    for (byte[] command : commands) {
      entries.add(new LogEntry(new LogPosition(epoch, ++index), LogEntry.Kind.COMMAND, command));
    }
    append(turn, List.copyOf(entries));
    turn.emit(
        new Effect.Accepted(proposal.ticket(), entries.stream().map(LogEntry::position).toList()));
    commit(turn);
  }

  private String overload(long waiting, long bytes, int commands, long more) {
    return "%d entries of %d bytes wait for a quorum, and with %d commands of %d bytes more they"
            .formatted(waiting, bytes, commands, more)
        + " would exceed %d entries or %d bytes; nothing was written, try again later"
            .formatted(config.maxUncommitted(), config.maxUncommittedBytes());
  }

  void barrier(Turn turn, long ticket) {
    if (!barriers.take(ticket, replica.commitIndex())) {
      turn.emit(
          new Effect.Refused(
              ticket, Reason.OVERLOADED, "too many reads wait for a quorum; try again later"));
      return;
    }
    confirm(turn);
  }

  private void confirm(Turn turn) {
    long answered = Progress.greatest(figures(Progress::confirmed, Long.MAX_VALUE), quorum);
    barriers.confirmed(turn, answered);
    if (barriers.mustAsk()) {
      barriers.asking(sequence + 1);
      followers.forEach((to, progress) -> beat(turn, to, progress));
      barriers.confirmed(
          turn, Progress.greatest(figures(Progress::confirmed, Long.MAX_VALUE), quorum));
    }
  }

  void stop(Turn turn, String cause) {
    if (open) {
      turn.emit(new Effect.CloseDuties(epoch, cause));
    }
    barriers.refuseAll(turn, cause);
  }

  // ---- handing over ----

  /// Whether a voter holds the whole log and was heard of lately.
  boolean caughtUp(Turn turn, NodeId voter) {
    Progress progress = followers.get(voter);
    return progress != null
        && progress.match() == replica.end().index()
        && !progress.heard().equals(Moment.MIN)
        && turn.now().isBefore(progress.heard().plus(timing.heartbeat().multipliedBy(2)));
  }

  /// The highest-ranked voter that could take over at once.
  Optional<NodeId> successor(Turn turn) {
    return config.ranking().stream().filter(v -> caughtUp(turn, v)).findFirst();
  }
}
