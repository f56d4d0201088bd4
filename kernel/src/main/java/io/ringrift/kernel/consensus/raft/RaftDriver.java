package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.Vitals;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that owns a voter's office: looks at Raft every few tens of milliseconds, or when
/// something may have changed, steps the office and executes what it wants. Keeps the division
/// running: one that stopped is opened again.
final class RaftDriver implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RaftDriver.class);
  private static final int INPUTS = 1_024;

  /// Longest election timeouts that a candidate is left alone, whose elections were always free.
  private static final int DEAD_ELECTIONS = 10;

  private static final Duration MARK_EVERY = Duration.ofSeconds(5);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final RaftSetup setup;
  private final Publication publication;
  private final Proposals proposals;
  private final Divisions divisions;
  private final RaftOffice office;
  private final Vitals vitals;
  private final Successor successor;
  private final DiskProbe probe;
  private final HeadwayWatch headway;
  private final Duration tick;
  private final Thread thread;

  /// What others have to say to the office, and wake-ups, which say nothing.
  private final LinkedBlockingQueue<Runnable> inputs = new LinkedBlockingQueue<>(INPUTS);

  /// What to do once this turn's effects are executed.
  private final List<Runnable> after = new ArrayList<>();

  private Moment markAt = Moment.MIN;

  /// Since when this voter is a candidate, counted anew when its elections are held back or freed;
  /// MAX while it is none.
  private Moment candidateFrom = Moment.MAX;

  /// Whether its elections were held back until then.
  private boolean freed;

  /// Whether they are held back now.
  private boolean held;

  private Moment redialAt;
  private String unfitCause = "";
  private volatile String heldBack = "";
  private volatile boolean closing;

  RaftDriver(RaftSetup setup, Publication publication, Proposals proposals, Divisions divisions) {
    this.setup = setup;
    this.publication = publication;
    this.proposals = proposals;
    this.divisions = divisions;
    var config = setup.config();
    this.office =
        new RaftOffice(
            setup.self(),
            config.electionMin(),
            Handover.longest(config.electionMax()),
            setup.seen());
    this.successor = new Successor(setup, divisions, proposals, this::wake);
    Moment now = setup.ticker().now();
    this.vitals = new Vitals(config.patience().multipliedBy(2), config.patience(), now);
    this.redialAt = now.plus(config.electionMax().multipliedBy(2));
    this.probe = new DiskProbe(divisions.folder(), setup.ticker(), config.patience());
    this.headway = new HeadwayWatch(setup, divisions, MARK_EVERY);
    this.tick = Duration.ofMillis(Math.clamp(config.electionMin().toMillis() / 20, 10, 50));
    this.thread = Thread.ofPlatform().daemon().name("voter-" + setup.self()).unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /// Look again soon. Any thread.
  void wake() {
    if (inputs.isEmpty()) {
      var _ = inputs.offer(() -> {});
    }
  }

  /// Ends the office for the present Raft term; completes once `leadsNow` is false, with the term
  /// that was left, or -1 when no office was held. Any thread.
  CompletableFuture<Long> leave(String cause) {
    var left = new CompletableFuture<Long>();
    boolean taken =
        inputs.offer(
            () -> {
              long term = office.heldTerm().orElse(-1L);
              if (term >= 0) {
                office.leave(term, cause);
              }
              after.add(() -> left.complete(term));
            });
    if (!taken) {
      left.complete(-1L);
    }
    return left;
  }

  /// The edge: whatever escapes a turn stops the node.
  private void loop() {
    boolean broken = false;
    vitals.starts(setup.ticker().now());
    try {
      while (!closing) {
        Runnable input = inputs.poll(tick.toMillis(), TimeUnit.MILLISECONDS);
        turn(setup.ticker().now(), input == null ? () -> {} : input);
      }
    } catch (InterruptedException e) {
      LOG.warn("the voter's thread was interrupted and ends");
    } catch (RuntimeException | Error e) {
      broken = true;
      LOG.error("a broken invariant stops this node: {}", e.getMessage(), e);
    }
    publication.withdraw(broken ? "broken invariant" : "shutting down", setup.ticker().now());
    after.forEach(Runnable::run);
    if (broken) {
      setup.onFatal().run();
    }
  }

  private void turn(Moment now, Runnable first) {
    vitals.begins(now, tick).ifPresent(this::stalled);
    first.run();
    for (var next = inputs.poll(); next != null; next = inputs.poll()) {
      next.run();
    }
    divisions.keep(now).ifPresent(cause -> failed(cause, now));
    headway.look(now).ifPresent(cause -> stuck(cause, now));
    long settled = divisions.settledVotes();
    Sight sight = look(now);
    office.outgrown(setup.machine().greatestEpoch());
    // By the clock behind the sight: a lease that lapsed meanwhile is not taken for a running one.
    for (OfficeEffect effect : office.step(setup.ticker().now(), sight)) {
      execute(effect, now, settled);
    }
    renewIfStuck(now);
    divisions.bury();
    successor.step(now, sight);
    mark(now);
    redial(now, sight);
    after.forEach(Runnable::run);
    after.clear();
    vitals.ends(now, setup.ticker().now(), divisions.spent()).ifPresent(this::stalled);
  }

  private void stalled(String cause) {
    setup.meters().counter("ringrift.voter.stalls").increment();
    unfitCause = cause;
    LOG.warn("{}; this node withdraws from leading for a while", cause);
  }

  /// Not well until it has gone well for a while again.
  private void stuck(String cause, Moment now) {
    unfitCause = cause;
    vitals.fails(now);
  }

  /// Why this voter holds back from leading; empty when it does not. Any thread.
  String heldBack() {
    return heldBack;
  }

  private void holdsBack(String why) {
    heldBack = why;
    divisions.holdsBack(why);
  }

  private void failed(String cause, Moment now) {
    LOG.error("this voter withdraws: {}", cause);
    unfitCause = cause;
    vitals.fails(now);
    proposals.failAll(cause);
  }

  private Sight look(Moment now) {
    Applied applied = divisions.applied();
    Optional<RaftDivision> open = divisions.current().filter(RaftDivision::running);
    Optional<String> trouble =
        probe.trouble(now).or(() -> isWell(now) ? Optional.empty() : Optional.of(unfitCause));
    holdsBack(open.isEmpty() ? "raft does not run" : trouble.orElse(""));
    if (open.isEmpty()) {
      return new Sight(
          false, false, -1, Optional.empty(), Moment.MIN, applied, false, "raft does not run");
    }
    var division = open.get();
    var info = division.info();
    long term = info.getCurrentTerm();
    Optional<NodeId> leader = division.leader();
    Moment leaseEnds =
        divisions.followers().followedSince(now, others(division)).plus(setup.config().lease());
    // Read after the lease: a rejection that came in between is seen here.
    boolean leads = info.isLeader() && info.isLeaderReady() && info.getCurrentTerm() == term;
    return new Sight(
        true,
        leads,
        term,
        leader,
        leads ? leaseEnds : Moment.MIN,
        applied,
        trouble.isEmpty(),
        trouble.orElse(""));
  }

  private boolean isWell(Moment now) {
    var leader = publication.leadership().leader();
    return vitals.well(now, leader.filter(id -> !id.equals(setup.self())).isPresent());
  }

  private List<NodeId> others(RaftDivision division) {
    return division.voters().stream().filter(id -> !id.equals(setup.self())).toList();
  }

  /// The vote is held back before anybody hears of the lease, and given free behind its end. A vote
  /// that went to another since this turn looked at Raft ends the office: an append's answer may
  /// have prolonged its lease meanwhile.
  private void announce(Leadership leadership, Moment now, long settled) {
    if (leadership.role() != Role.LEADER) {
      publication.announce(leadership, now);
      divisions.holdsOffice(Moment.MIN, settled);
    } else if (divisions.holdsOffice(leadership.leaseEnds(), settled)) {
      publication.announce(leadership, now);
    } else {
      office.lapsed();
      var over = new Leadership(Role.LEADER, leadership.leader(), leadership.epoch(), Moment.MIN);
      publication.announce(over, now);
      wake();
    }
  }

  private void execute(OfficeEffect effect, Moment now, long settled) {
    switch (effect) {
      case OfficeEffect.OfferEpoch(long term) -> offerEpoch(term);
      case OfficeEffect.Announce(var leadership) -> announce(leadership, now, settled);
      case OfficeEffect.OpenDuties(var epoch) -> {
        publication.openDuties(epoch);
        markAt = now.plus(MARK_EVERY);
      }
      case OfficeEffect.CloseDuties(var epoch, var cause) -> {
        LOG.info("the office of epoch {} ends: {}", epoch, cause);
        publication.closeDuties(epoch, cause);
      }
      case OfficeEffect.Resign(var cause) -> {
        LOG.warn("this node gives up leading: {}", cause);
        ask(division -> division.transfer(proposals.nextCall(), Optional.empty(), 0));
      }
      case OfficeEffect.Candidacy(boolean allowed) -> candidacy(allowed);
    }
  }

  private void candidacy(boolean allowed) {
    ask(division -> division.candidacy(proposals.nextCall(), allowed));
    freed = allowed;
    held = !allowed;
    candidateFrom = Moment.MAX;
  }

  /// A voter whose time ran out while Ratis held its elections back is a candidate without an
  /// election, and stays one, as does one whose own vote could not be written: only a new division
  /// asks for votes again. Whoever is a candidate still when an election or a late word of the
  /// leader would have ended that is taken for such; whose elections were free all the time, later:
  /// one that is cut off is a candidate too, and nothing is won by opening its division again.
  /// While they are held back it stays as it is: it stores and votes, and another may never open
  /// where the state machine hangs.
  private void renewIfStuck(Moment now) {
    if (held || divisions.current().filter(d -> d.info().isCandidate()).isEmpty()) {
      candidateFrom = Moment.MAX;
      freed = false;
      return;
    }
    candidateFrom = candidateFrom.equals(Moment.MAX) ? now : candidateFrom;
    Duration limit = setup.config().electionMax().multipliedBy(freed ? 1 : DEAD_ELECTIONS);
    if (now.since(candidateFrom).compareTo(limit) < 0) {
      return;
    }
    LOG.info("a candidate that asks for no votes: raft begins again");
    candidateFrom = Moment.MAX;
    freed = false;
    divisions.renew();
    proposals.failAll("raft begins again");
  }

  /// A request to Ratis.
  @FunctionalInterface
  private interface Ask {
    CompletableFuture<?> of(RaftDivision division) throws IOException;
  }

  private void ask(Ask request) {
    divisions
        .current()
        .ifPresent(
            division -> {
              try {
                var _ =
                    request
                        .of(division)
                        .exceptionally(
                            e -> {
                              LOG.debug("raft refused a request", e);
                              return null;
                            });
              } catch (IOException | RuntimeException e) {
                LOG.warn("raft refused a request: {}", e.getMessage());
              }
            });
  }

  private void offerEpoch(long term) {
    var offer =
        proposals.offer(
            RaftEntries.openEpoch(
                setup.self(), term, setup.known().max(setup.machine().greatestEpoch())));
    headway.offers(offer);
    var _ =
        offer.whenComplete(
            (placed, _) -> {
              boolean opened = placed != null && placed.outcome().hasResult();
              var _ =
                  inputs.offer(
                      opened
                          ? () -> office.granted(term, new Epoch(placed.outcome().getEpoch()))
                          : office::offerFailed);
            });
  }

  /// A sign of life in the log: an idle follower whose disk was wiped catches up only when
  /// something is appended, a replica that begins behind a snapshot learns the epoch from it, and a
  /// leader whose entries never reach its log is noticed.
  private void mark(Moment now) {
    if (office.heldTerm().isPresent() && !now.isBefore(markAt)) {
      markAt = now.plus(MARK_EVERY);
      headway.offers(
          proposals
              .offer(RaftEntries.mark(publication.leadership().epoch()))
              .exceptionally(
                  e -> {
                    LOG.debug("a mark was not written", e);
                    return new Proposals.Placed(
                        -1, io.ringrift.ledger.v1.RaftOutcome.getDefaultInstance());
                  }));
    }
  }

  private void redial(Moment now, Sight sight) {
    if (sight.leader().isPresent()) {
      redialAt = now.plus(setup.config().electionMax().multipliedBy(2));
    } else if (!now.isBefore(redialAt)) {
      redialAt = now.plus(setup.config().electionMax().multipliedBy(2));
      divisions.current().ifPresent(division -> division.redial(others(division)));
    }
  }

  /// Ends the thread; waits at most five seconds.
  @Override
  public void close() {
    closing = true;
    wake();
    try {
      // One that was never started has ended, as this form sees it.
      thread.join(LAST_WORDS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    probe.close();
  }
}
