package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.kernel.consensus.Vitals;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import io.ringrift.kernel.consensus.ledger.Ledger.LedgerStatus;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that owns a voter's core: takes what waits in the inbox, steps the core, executes
/// its effects, and again. A disk that fails makes it drop the core, whose memory is ahead of the
/// disk then, and build a new one from the stores as soon as they can be opened again. A broken
/// invariant stops the node.
final class ElectionDriver {
  private static final Logger LOG = LoggerFactory.getLogger(ElectionDriver.class);
  private static final int TURN_LIMIT = 2_048;
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int MAX_RETRIES = 30;

  private final VoterParts parts;
  private final Inbox inbox;
  private final Publication publication;
  private final DriverMeters meters;
  private final Tickets tickets = new Tickets();
  private final EffectRunner runner;
  private final Vitals vitals;
  private final Duration tick;
  private final Thread thread;
  private final List<Work> batch = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<Work.Offer> offers = new ArrayList<>();
  private final List<CompletableFuture<Long>> reads = new ArrayList<>();
  private final List<Input> answers = new ArrayList<>();

  /// Null while the disk fails.
  private @Nullable BullyCore core;

  private @Nullable Rebuild rebuild;
  private @Nullable Refusal suspension;
  private Moment retryAt = Moment.MIN;
  private int retries;
  private boolean fit = true;
  private String unfitCause = "";
  private Moment lastTick = Moment.MIN;
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile LedgerStatus status = new LedgerStatus(LogPosition.START, 0, 0, 0, "");

  /// Recovers from disk on the caller's thread, so that a refusal reaches whoever starts the node.
  ElectionDriver(VoterParts parts, Inbox inbox, Publication publication, DriverMeters meters) {
    this.parts = parts;
    this.inbox = inbox;
    this.publication = publication;
    this.meters = meters;
    this.runner = new EffectRunner(parts, tickets, publication, meters);
    this.vitals =
        new Vitals(parts.config().timing().lease(), parts.config().rest(), parts.ticker().now());
    this.tick = parts.config().timing().heartbeat().dividedBy(10);
    recover(parts.ticker().now());
    this.thread =
        Thread.ofPlatform().daemon().name("voter-" + parts.config().self()).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  LedgerStatus status() {
    return status;
  }

  boolean ended() {
    return ended;
  }

  /// Releases the lease and ends the thread; waits at most five seconds.
  void close() {
    closing = true;
    inbox.offer(new Work.Wake());
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Fails what came too late to be taken.
  void refuseRest() {
    var rest = new ArrayList<Work>();
    inbox.takeAll(rest);
    rest.forEach(work -> work.refuse(Refusals.shuttingDown()));
  }

  /// The edge: whatever escapes a turn stops the node.
  private void loop() {
    boolean broken = false;
    vitals.starts(parts.ticker().now());
    try {
      while (!closing) {
        batch.clear();
        inbox.take(batch, TURN_LIMIT, patience());
        turn(parts.ticker().now());
      }
      release();
    } catch (InterruptedException e) {
      LOG.warn("the voter's thread was interrupted and ends");
    } catch (RuntimeException | Error e) {
      broken = true;
      LOG.error("a broken invariant stops this node: {}", e.getMessage(), e);
    }
    end(broken);
  }

  /// How long the driver waits for work.
  private Duration patience() {
    BullyCore current = core;
    boolean owes = current != null && current.owes();
    return !answers.isEmpty() ? Duration.ZERO : owes ? LeaderReplica.COMMIT_NOTICE : tick;
  }

  private void end(boolean broken) {
    ended = true;
    publication.withdraw(broken ? "broken invariant" : "shutting down", parts.ticker().now());
    tickets.failAll("this node is shutting down");
    batch.forEach(work -> work.refuse(Refusals.shuttingDown()));
    refuseRest();
    publication.close();
    parts.disk().close();
    if (broken) {
      parts.onFatal().run();
    }
  }

  private void release() {
    BullyCore current = core;
    if (current != null && current.leadership().role() == Role.LEADER) {
      try {
        runner.run(
            current.step(parts.ticker().now(), new Input.StepDown("shutting down")),
            rebuild != null);
      } catch (Refusal e) {
        LOG.warn("the lease was not released: {}", e.text());
      }
    }
  }

  private void turn(Moment now) {
    BullyCore current = core;
    if (current == null) {
      suspendedTurn(now);
      return;
    }
    vitals.begins(now, tick).ifPresent(this::stalled);
    try {
      step(current, now);
      answers.addAll(runner.run(effects, rebuild != null));
      effects.clear();
      finishRebuild(now);
      publishStatus(current);
    } catch (Refusal e) {
      suspend(current, e, parts.ticker().now());
      return;
    }
    Moment done = parts.ticker().now();
    meters.turn.record(done.since(now));
    vitals.ends(now, done, runner.takeSnapshotTime()).ifPresent(this::stalled);
  }

  private void stalled(String cause) {
    meters.stalls.increment();
    unfitCause = cause;
    LOG.warn("{}; this node withdraws from leading for a lease, or less if nobody leads", cause);
  }

  private void step(BullyCore current, Moment now) {
    effects.clear();
    boolean quiet = batch.isEmpty();
    var inputs = List.copyOf(answers);
    answers.clear();
    inputs.forEach(input -> effects.addAll(current.step(now, input)));
    boolean led =
        current.leadership().leader().filter(l -> !l.equals(parts.config().self())).isPresent();
    boolean fitNow = rebuild == null && vitals.well(now, led);
    if (fitNow != fit) {
      fit = fitNow;
      effects.addAll(current.step(now, new Input.Fitness(fit, fit ? "" : unfitCause)));
    }
    for (Work work : batch) {
      take(current, now, work);
    }
    batch.clear();
    propose(current, now);
    if (!reads.isEmpty()) {
      long ticket = tickets.barrier(List.copyOf(reads));
      reads.clear();
      effects.addAll(current.step(now, new Input.Barrier(ticket)));
    }
    boolean due = lastTick.equals(Moment.MIN) || now.since(lastTick).compareTo(tick) >= 0;
    if (due || (quiet && current.owes())) {
      lastTick = now;
      effects.addAll(current.step(now, new Input.Tick()));
    }
  }

  private void take(BullyCore current, Moment now, Work work) {
    switch (work) {
      case Work.Peer(var from, var message) -> {
        Rebuild amnesia = rebuild;
        if (amnesia == null || amnesia.admits(now, message)) {
          effects.addAll(current.step(now, new Input.Received(from, message)));
        }
      }
      case Work.Offer offer -> offers.add(offer);
      case Work.Read(var future) -> reads.add(future);
      case Work.StepDown(var cause, var future) -> {
        propose(current, now);
        stepDown(current, now, cause, future);
      }
      case Work.Transfer(var target, var future) -> {
        propose(current, now);
        effects.addAll(current.step(now, new Input.Transfer(tickets.transfer(future), target)));
      }
      case Work.Wake _ -> {}
    }
  }

  private void stepDown(
      BullyCore current, Moment now, String cause, CompletableFuture<Epoch> future) {
    Leadership leadership = current.leadership();
    if (leadership.role() != Role.LEADER) {
      future.completeExceptionally(Refusals.notLeader(leadership, "step down"));
      return;
    }
    answers.addAll(runner.run(List.copyOf(effects), rebuild != null));
    effects.clear();
    answers.addAll(runner.run(current.step(now, new Input.StepDown(cause)), rebuild != null));
    future.complete(leadership.epoch());
  }

  /// One input for all commands that wait: their entries share messages and syncs.
  private void propose(BullyCore current, Moment now) {
    if (offers.isEmpty()) {
      return;
    }
    var commands = new ArrayList<byte[]>(offers.size());
    var futures = new ArrayList<CompletableFuture<Applied>>(offers.size());
    Leadership leadership = current.leadership();
    for (Work.Offer offer : offers) {
      if (leadership.role() != Role.LEADER) {
        offer.future().completeExceptionally(Refusals.notLeader(leadership, "propose"));
      } else if (!leadership.epoch().equals(offer.epoch())) {
        offer.future().completeExceptionally(Refusals.staleEpoch(leadership, offer.epoch()));
      } else {
        commands.add(offer.command());
        futures.add(offer.future());
      }
    }
    offers.clear();
    meters.proposals.increment(commands.size());
    for (int from = 0, to = 0; from < commands.size(); from = to) {
      to = Work.groupEnd(commands, from);
      long ticket = tickets.offer(List.copyOf(futures.subList(from, to)));
      effects.addAll(
          current.step(now, new Input.Propose(ticket, List.copyOf(commands.subList(from, to)))));
    }
  }

  private void finishRebuild(Moment now) {
    Rebuild amnesia = rebuild;
    if (amnesia != null && amnesia.done(now, parts.machine().applied().index())) {
      parts.disk().rebuilt();
      rebuild = null;
      LOG.info(
          "the log is rebuilt up to {}; this voter takes part again", parts.machine().applied());
      parts.audit().record("recovered", publication.leadership().epoch(), Map.of("how", "rebuilt"));
    }
  }

  private void publishStatus(BullyCore current) {
    LedgerStatus last = status;
    LogPosition end = current.logEnd();
    long applied = parts.machine().applied().index();
    if (last.appliedIndex() != applied
        || last.commitIndex() != current.commitIndex()
        || !last.logEnd().equals(end)
        || last.stateHash().isEmpty()) {
      status =
          new LedgerStatus(
              end,
              current.commitIndex(),
              applied,
              parts.disk().snapshotPosition().index(),
              parts.machine().stateHash());
    }
  }

  /// The disk failed under an effect: what the core believes is not stored, so the core goes.
  private void suspend(BullyCore current, Refusal cause, Moment now) {
    if (!Refusals.ofTheDisk(cause)) {
      throw new IllegalStateException("an effect was refused: " + cause.text(), cause);
    }
    LOG.error("this voter withdraws: {}", cause.text());
    core = null;
    suspension = cause;
    retries = 0;
    retryAt = now.plus(RETRY);
    effects.clear();
    answers.clear();
    vitals.fails(now);
    unfitCause = cause.text();
    publication.withdraw(cause.text(), now);
    freeOthers(current, cause, now);
    tickets.failAll(cause.text());
    // A step-down fails amid the batch: the rest of it was never looked at.
    batch.forEach(work -> work.refuse(cause));
    batch.clear();
    offers.forEach(work -> work.refuse(cause));
    offers.clear();
    reads.forEach(f -> f.completeExceptionally(cause));
    reads.clear();
  }

  /// The others need not sit out the lease. Nothing else of a core that is ahead of its disk may
  /// leave the node; a leader's entries may have gone before the disk refused them.
  private void freeOthers(BullyCore current, Refusal cause, Moment now) {
    if (current.leadership().role() != Role.LEADER) {
      return;
    }
    for (Effect effect : current.step(now, new Input.Fitness(false, cause.text()))) {
      if (effect instanceof Effect.Send(var to, Message.LeaseRelease release)) {
        parts.outbox().send(to, release);
      }
    }
  }

  private void suspendedTurn(Moment now) {
    Refusal cause = suspension;
    if (cause != null) {
      batch.forEach(work -> work.refuse(cause));
    }
    batch.clear();
    if (now.isBefore(retryAt)) {
      return;
    }
    retryAt = now.plus(RETRY);
    try {
      parts.machine().reload();
      recover(now);
      suspension = null;
      vitals.fails(parts.ticker().now());
      LOG.info("the disk works again; this voter goes on");
    } catch (Refusal e) {
      if (e.reason() != Reason.DISK_FULL && ++retries >= MAX_RETRIES) {
        throw new IllegalStateException("the disk did not come back: " + e.text(), e);
      }
      suspension = e;
    }
  }

  private void recover(Moment now) {
    var recovered = parts.disk().recover(parts.machine());
    core = new BullyCore(parts.config(), recovered, now);
    answers.add(new Input.EpochKnown(parts.machine().greatestEpoch()));
    rebuild = parts.disk().rebuilding() ? new Rebuild(now, parts.config().timing().lease()) : null;
    if (rebuild != null) {
      unfitCause = "the log was lost and is being fetched again";
      LOG.warn("{}; this voter neither votes nor leads until then", unfitCause);
    }
    fit = true;
    lastTick = Moment.MIN;
    publishStatus(core);
    publication.announce(core.leadership(), now);
    parts
        .audit()
        .record(
            "recovered",
            core.leadership().epoch(),
            Map.of(
                "applied", recovered.applied().toString(),
                "log_end", core.logEnd().toString(),
                "rebuilding", Boolean.toString(rebuild != null)));
  }
}
