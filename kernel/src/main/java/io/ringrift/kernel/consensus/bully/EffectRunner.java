package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.SnapshotStore.Snapshot;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Executes the effects of one turn of the core: everything that stores first, as one synced write,
/// then the rest in order. So nothing leaves the node before it is durable but a leader's entries,
/// which go first of all where they may, and whatever came while the last sync ran shares the next
/// one. The driver thread owns it.
final class EffectRunner {
  private static final Logger LOG = LoggerFactory.getLogger(EffectRunner.class);

  private final VoterDisk disk;
  private final StateMachine machine;
  private final Outbox outbox;
  private final Tickets tickets;
  private final Publication publication;
  private final Audit audit;
  private final DriverMeters meters;
  private final Ticker ticker;
  private final List<Input> answers = new ArrayList<>();
  private Duration snapshotTime = Duration.ZERO;

  EffectRunner(VoterParts parts, Tickets tickets, Publication publication, DriverMeters meters) {
    this.disk = parts.disk();
    this.machine = parts.machine();
    this.outbox = parts.outbox();
    this.audit = parts.audit();
    this.ticker = parts.ticker();
    this.tickets = tickets;
    this.publication = publication;
    this.meters = meters;
  }

  /// @param quiet the voter is rebuilding: only what tells of its disk is sent
  /// @return inputs that the effects gave rise to, for the next turn
  List<Input> run(List<Effect> effects, boolean quiet) {
    int from = 0;
    for (int i = 0; i < effects.size(); i++) {
      // A snapshot replaces what the effects before it work on.
      if (effects.get(i) instanceof Effect.InstallSnapshot(var position, var data)) {
        segment(effects.subList(from, i), quiet);
        timed(() -> disk.install(new Snapshot(position, data), machine));
        publication.applied(position.index());
        noticeEpoch(position.epoch());
        from = i + 1;
      }
    }
    segment(effects.subList(from, effects.size()), quiet);
    var next = List.copyOf(answers);
    answers.clear();
    return next;
  }

  private void segment(List<Effect> effects, boolean quiet) {
    boolean early = effects.stream().noneMatch(EffectRunner::mustComeFirst);
    if (early) {
      replicate(effects, quiet);
    }
    store(effects);
    if (!early) {
      replicate(effects, quiet);
    }
    for (Effect effect : effects) {
      perform(effect, quiet);
    }
  }

  /// A promise, or a cut of the log: rare, and simple to reason about when nothing overtakes it.
  private static boolean mustComeFirst(Effect effect) {
    return effect instanceof Effect.PersistPromise || effect instanceof Effect.TruncateLog;
  }

  private void replicate(List<Effect> effects, boolean quiet) {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Replicate(var to, var append)) {
        send(to, append, quiet);
      }
    }
  }

  private void store(List<Effect> effects) {
    var promises = new ArrayList<Effect.PersistPromise>();
    OptionalLong truncate = OptionalLong.empty();
    var entries = new ArrayList<LogEntry>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.PersistPromise promise) {
        promises.add(promise);
      } else if (effect instanceof Effect.PersistEntries(var more)) {
        entries.addAll(more);
      } else if (effect instanceof Effect.TruncateLog(long index)) {
        if (entries.isEmpty() || index <= entries.getFirst().index()) {
          entries.clear();
          truncate = OptionalLong.of(Math.min(index, truncate.orElse(index)));
        } else {
          entries.removeIf(e -> e.index() >= index);
        }
      }
    }
    storePromises(promises);
    if (truncate.isPresent() || !entries.isEmpty()) {
      var began = ticker.now();
      disk.write(truncate, entries);
      meters.sync.record(ticker.now().since(began));
      meters.appends.increment(entries.size());
    }
  }

  /// The newest holds; each is told, for an answer may speak of any of them.
  private void storePromises(List<Effect.PersistPromise> promises) {
    if (promises.isEmpty()) {
      return;
    }
    disk.promise(promises.getLast().promise());
    for (Effect.PersistPromise each : promises) {
      Promise promise = each.promise();
      String kind = each.vote() ? "vote-granted" : "epoch-seen";
      String of = each.vote() ? "to" : "leader";
      promise
          .grantedTo()
          .ifPresent(to -> audit.record(kind, promise.epoch(), Map.of(of, to.value())));
    }
  }

  private void perform(Effect effect, boolean quiet) {
    switch (effect) {
      case Effect.PersistPromise _,
          Effect.PersistEntries _,
          Effect.TruncateLog _,
          Effect.Replicate _ -> {}
      case Effect.InstallSnapshot(var position, var _) ->
          throw new IllegalStateException("snapshot at " + position + " inside a segment");
      case Effect.Send(var to, var message) -> send(to, message, quiet);
      case Effect.SendSnapshot(var to, var epoch) -> timed(() -> sendSnapshot(to, epoch, quiet));
      case Effect.Commit(var entries) -> apply(entries);
      case Effect.Announce(var leadership) -> publication.announce(leadership, ticker.now());
      case Effect.OpenDuties(var epoch) -> publication.openDuties(epoch);
      case Effect.CloseDuties(var epoch, var cause) -> {
        publication.closeDuties(epoch, cause);
        tickets.leadershipEnded(cause);
      }
      case Effect.Accepted(long ticket, var positions) -> tickets.accepted(ticket, positions);
      case Effect.Refused(long ticket, var reason, var text) ->
          tickets.refused(ticket, refusal(reason, text));
      case Effect.BarrierPassed(long ticket, long index) ->
          tickets.barrierPassed(ticket, index, machine.applied().index());
      case Effect.Transferred(long ticket, var target) -> tickets.transferred(ticket, target);
      case Effect.TakeSnapshot() -> {
        timed(this::takeSnapshot);
      }
      case Effect.CompactLog(var upTo) -> disk.compact(upTo);
      case Effect.Dropped(var entries) -> {
        disk.quarantine(entries);
        machine.dropped(entries);
      }
    }
  }

  /// A state too large for a snapshot is no fault of the disk: the log stays as it is.
  private void takeSnapshot() {
    try {
      disk.takeSnapshot(machine);
      answers.add(new Input.SnapshotTaken(disk.snapshotPosition()));
    } catch (Refusal e) {
      if (e.reason() != Reason.BACKPRESSURE) {
        throw e;
      }
      LOG.error("no snapshot, so the log is kept whole until a restart: {}", e.text());
    }
  }

  private void sendSnapshot(NodeId to, Epoch epoch, boolean quiet) {
    try {
      disk.newestSnapshot()
          .ifPresent(
              s -> send(to, new Message.InstallSnapshot(epoch, s.position(), s.data()), quiet));
    } catch (Refusal e) {
      if (e.reason() != Reason.STORAGE_CORRUPT) {
        throw e;
      }
      // The state itself is sound. The follower asks again and gets the new one.
      LOG.warn("a new snapshot replaces one that cannot be read: {}", e.text());
      takeSnapshot();
    }
  }

  private void timed(Runnable snapshotWork) {
    var began = ticker.now();
    snapshotWork.run();
    snapshotTime = snapshotTime.plus(ticker.now().since(began));
  }

  /// Time that went into snapshots since the last call.
  Duration takeSnapshotTime() {
    Duration taken = snapshotTime;
    snapshotTime = Duration.ZERO;
    return taken;
  }

  private Refusal refusal(Reason reason, String text) {
    meters.refusals.increment();
    var refusal = new Refusal(reason, text);
    publication.leadership().leader().ifPresent(l -> refusal.with("leader_id", l.value()));
    return refusal;
  }

  private void send(NodeId to, Message message, boolean quiet) {
    if (!quiet || Rebuild.lets(message)) {
      outbox.send(to, message);
    }
  }

  /// A restored state may name a greater epoch than the log that brought it.
  private void noticeEpoch(Epoch ofLog) {
    Epoch named = machine.greatestEpoch();
    if (named.isAfter(ofLog)) {
      answers.add(new Input.EpochKnown(named));
    }
  }

  private void apply(List<LogEntry> entries) {
    long before = machine.applied().index();
    var fresh =
        entries.isEmpty() || entries.getFirst().index() > before
            ? entries
            : entries.stream().filter(e -> e.index() > before).toList();
    if (fresh.isEmpty()) {
      return;
    }
    var results = machine.apply(fresh);
    if (results.size() != fresh.size()) {
      throw new IllegalStateException(fresh.size() + " entries had " + results.size() + " results");
    }
    long index = fresh.getLast().index();
    noticeEpoch(fresh.getLast().position().epoch());
    meters.commits.increment(fresh.size());
    tickets.applied(fresh, results);
    tickets.serve(index);
    publication.applied(index);
  }
}
