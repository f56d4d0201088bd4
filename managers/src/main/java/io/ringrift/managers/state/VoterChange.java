package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.EndVoterChange;
import io.ringrift.state.v1.ListVotersResponse;
import io.ringrift.state.v1.UndoVoterChange;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads a running cluster from one list of voters to the next (docs/protocol/voters.md). The entry
/// that ends the change is taken by a majority of the old list; whoever executes it, or hears of it
/// later, begins again with the new one. Blocks its caller; one at a time.
final class VoterChange {
  private static final Logger LOG = LoggerFactory.getLogger(VoterChange.class);
  private static final Duration ARRIVAL = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LAST_ANSWER = Duration.ofMillis(200);
  private static final Duration OTHERS = Duration.ofSeconds(10);
  private static final int LAST_WORDS = 3;

  private final Consensus consensus;
  private final VoterSight sight;
  private final CommandPipeline pipeline;
  private final ClusterStore store;
  private final VoterHooks hooks;
  private final VoterNews news;
  private final Ticker ticker;

  /// Held by who changes the voters and by who settles a change: what is pending under it is nobody
  /// else's on this node.
  private final ReentrantLock one = new ReentrantLock();

  VoterChange(
      Consensus consensus,
      VoterSight sight,
      CommandPipeline pipeline,
      ClusterStore store,
      VoterHooks hooks,
      VoterNews news,
      Ticker ticker) {
    this.consensus = consensus;
    this.sight = sight;
    this.pipeline = pipeline;
    this.store = store;
    this.hooks = hooks;
    this.news = news;
    this.ticker = ticker;
  }

  /// What was decided.
  ///
  /// @param epoch that ends with it; the present one when nothing had to change
  /// @param already whether the voters were so before
  record Done(VoterList voters, Epoch epoch, boolean already) {}

  /// A change that has the voters to itself.
  @FunctionalInterface
  private interface Change {
    Done in(Epoch epoch) throws InterruptedException;
  }

  /// The voters as this node sees them, at the addresses that it dials. Any node.
  ListVotersResponse list() throws InterruptedException {
    VoterRecord record = record();
    var list = sight.describe(newest()).toBuilder();
    if (record.hasPending()) {
      list.setPending(record.getPending());
    }
    return list.build();
  }

  /// Nothing is to be done for a voter. Waits, at most 10 s, until another change is settled.
  ///
  /// @throws Refusal INVALID_ARGUMENT or VOTERS_REFUSED when nothing has changed; NOT_LEADER when
  ///   another leads, who settles what was begun here; OUTCOME_UNKNOWN
  Done add(String node) throws InterruptedException {
    return alone(
        epoch -> {
          VoterList now = newest();
          if (VoterLists.lists(now, node)) {
            return new Done(now, epoch, true);
          }
          requireInForce(now);
          var wanted = new ArrayList<>(now.getVotersList());
          boolean givenUp = record().getLastVersion() > now.getVersion();
          wanted.add(givenUp ? sight.returning(node) : sight.candidate(node));
          sight.requireQuorum(wanted);
          return decide(wanted, epoch);
        });
  }

  /// Nothing is to be done for a node that is no voter. The same waiting and refusals. A leader
  /// that is to go hands over first: its caller tries again at the next.
  Done remove(String node) throws InterruptedException {
    return alone(
        epoch -> {
          VoterList now = newest();
          var wanted = new ArrayList<>(now.getVotersList());
          if (!wanted.removeIf(v -> v.getNodeId().equals(node))) {
            return new Done(now, epoch, true);
          }
          if (wanted.isEmpty()) {
            throw Refusal.invalid("node_id", node, "not the last voter; add another first");
          }
          requireInForce(now);
          sight.requireQuorum(wanted);
          if (node.equals(sight.self().value())) {
            LOG.info("this voter is to go: another leads first");
            var _ = consensus.transfer(Optional.empty());
            throw notLeader();
          }
          return decide(wanted, epoch);
        });
  }

  private Epoch requireLeader() {
    return pipeline.epoch().filter(_ -> store.founded()).orElseThrow(VoterChange::notLeader);
  }

  private static Refusal notLeader() {
    return new Refusal(Reason.NOT_LEADER, "this node does not lead; ask who leads and try there");
  }

  /// The decided list, which this node may still have to begin again with; addresses that changed
  /// since it was decided stand in the one that the node goes by.
  private VoterList newest() {
    VoterList decided = record().getDecided();
    return decided.getVersion() > hooks.inForce().getVersion() ? decided : hooks.inForce();
  }

  private void requireInForce(VoterList list) {
    if (list.getVersion() > hooks.inForce().getVersion()) {
      throw VoterSight.busy();
    }
  }

  /// A new leader settles first what the last one left, and its callers may come before that.
  private Done alone(Change change) throws InterruptedException {
    Moment end = ticker.now().plus(OTHERS);
    while (true) {
      Epoch epoch = requireLeader();
      if (!one.tryLock(OTHERS.toMillis(), TimeUnit.MILLISECONDS)) {
        throw VoterSight.busy();
      }
      try {
        if (record().getChangeId().isEmpty()) {
          return change.in(epoch);
        }
      } finally {
        one.unlock();
      }
      if (ticker.now().isAfter(end)) {
        throw VoterSight.busy();
      }
      pause();
    }
  }

  /// From the beginning of a change to its end. Who does not know how it began settles it too.
  private Done decide(List<VoterEntry> wanted, Epoch epoch) throws InterruptedException {
    String id = "voters-" + UUID.randomUUID();
    boolean ended = false;
    try {
      begin(wanted, epoch, id);
      requireStill(epoch, id);
      VoterRecord record = record();
      VoterList pending = record.getPending();
      news.introduce();
      if (consensus.keepsVoters()) {
        awaitNewcomer(pending, epoch, id);
        requireStill(epoch, id);
        consensus.reconfigure(
            VoterLists.ids(hooks.inForce().getVotersList()),
            VoterLists.ids(pending.getVotersList()));
      }
      Done done = end(record, epoch);
      ended = true;
      return done;
    } finally {
      if (!ended && !settleOnce(epoch, id)) {
        LOG.warn("the change to the voters {} is not settled yet", VoterLists.names(wanted));
        Thread.ofVirtual().name("voters").start(() -> settle(epoch, id));
      }
    }
  }

  private void begin(List<VoterEntry> wanted, Epoch epoch, String id) throws InterruptedException {
    var list = VoterList.newBuilder().addAllVoters(VoterLists.sorted(wanted));
    LedgerPass.through(
        pipeline,
        epoch,
        Command.newBuilder()
            .setBeginVoterChange(BeginVoterChange.newBuilder().setChangeId(id).setVoters(list)));
  }

  /// Raft's own change has no fence: a leader that led before and leads again may hold on to a
  /// change that another undid in between.
  private void requireStill(Epoch epoch, String id) {
    if (!leadsIn(epoch)) {
      throw new Refusal(
          Reason.NOT_LEADER,
          "leadership moved meanwhile, and the next leader settles this change; ask who leads and"
              + " try there");
    }
    if (!record().getChangeId().equals(id)) {
      throw VoterSight.refused("the change was given up");
    }
  }

  private boolean leadsIn(Epoch epoch) {
    return pipeline.epoch().equals(Optional.of(epoch));
  }

  private Done end(VoterRecord record, Epoch epoch) throws InterruptedException {
    VoterList pending = record.getPending();
    boolean ended = false;
    pipeline.hold();
    try {
      LedgerPass.through(
          pipeline,
          epoch,
          Command.newBuilder()
              .setEndVoterChange(
                  EndVoterChange.newBuilder()
                      .setChangeId(record.getChangeId())
                      .setByVersion(hooks.inForce().getVersion())));
      ended = true;
      LOG.info(
          "list {} of the voters is decided: {}",
          pending.getVersion(),
          VoterLists.names(pending.getVotersList()));
      tellFollowers();
      return new Done(pending, epoch, false);
    } finally {
      if (!ended) {
        pipeline.resume();
      }
    }
  }

  /// The newcomer hears of the change by itself and opens its share of the log.
  private void awaitNewcomer(VoterList pending, Epoch epoch, String id)
      throws InterruptedException {
    List<NodeId> now = VoterLists.ids(hooks.inForce().getVotersList());
    List<NodeId> newcomers = new ArrayList<>(VoterLists.ids(pending.getVotersList()));
    newcomers.removeAll(now);
    Moment end = ticker.now().plus(ARRIVAL);
    for (NodeId newcomer : newcomers) {
      while (sight.takesPart(newcomer) < pending.getVersion()) {
        requireStill(epoch, id);
        if (ticker.now().isAfter(end)) {
          throw VoterSight.refused(newcomer + " did not begin again as a voter within " + ARRIVAL);
        }
        pause();
      }
    }
  }

  /// Sees a change through that an earlier leader left, or gives it up. Tries until it is settled
  /// or this node leads no more in that epoch.
  void settle(Epoch epoch) {
    settle(epoch, "");
  }

  /// @param begun id of the change to settle; empty for what an earlier leader left
  private void settle(Epoch epoch, String begun) {
    try {
      one.lockInterruptibly();
      try {
        while (!settleOnce(epoch, begun)) {
          pause();
        }
      } finally {
        one.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Under the lock.
  ///
  /// @return whether this leader has nothing to settle any more
  private boolean settleOnce(Epoch epoch, String begun) throws InterruptedException {
    if (!leadsIn(epoch)) {
      return true;
    }
    if (!store.founded()) {
      return false;
    }
    try {
      VoterRecord record = record();
      String id = record.getChangeId();
      if (!id.isEmpty()) {
        return settled(record, epoch) && (begun.isEmpty() || begun.equals(id));
      }
      return (begun.isEmpty() || undone(begun, epoch)) && inStep(record);
    } catch (Refusal refusal) {
      LOG.warn("a change of the voters is not settled yet: {}", refusal.text());
      return false;
    }
  }

  private boolean settled(VoterRecord record, Epoch epoch) throws InterruptedException {
    news.introduce();
    List<NodeId> inLog = consensus.electorate();
    if (inLog.equals(VoterLists.ids(record.getPending().getVotersList()))) {
      end(record, epoch);
      return true;
    }
    if (!inLog.isEmpty() && undone(record.getChangeId(), epoch)) {
      LOG.info("the change to list {} was given up", record.getPending().getVersion());
      return inStep(record());
    }
    return false;
  }

  /// The undoing goes through the log behind the beginning: whatever came of that, it is over then.
  ///
  /// @return true
  private boolean undone(String id, Epoch epoch) throws InterruptedException {
    try {
      LedgerPass.through(
          pipeline,
          epoch,
          Command.newBuilder().setUndoVoterChange(UndoVoterChange.newBuilder().setChangeId(id)));
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.INVALID_ARGUMENT) {
        throw refusal;
      }
    }
    return true;
  }

  /// Without a change under way Raft's voters are those of the list in force. A leader that was cut
  /// off between two looks may have asked for others: that is taken back.
  private boolean inStep(VoterRecord record) {
    VoterList now = hooks.inForce();
    if (!consensus.keepsVoters()
        || record.getLastVersion() == 0
        || record.getDecided().getVersion() > now.getVersion()) {
      return true; // never changed, or this node begins again with the newer list
    }
    List<NodeId> inLog = consensus.electorate();
    List<NodeId> listed = VoterLists.ids(now.getVotersList());
    if (inLog.isEmpty() || inLog.equals(listed)) {
      return !inLog.isEmpty();
    }
    LOG.warn("raft's voters are {}, and list {} says {}", inLog, now.getVersion(), listed);
    if (!VoterLists.oneApart(inLog, listed)) {
      LOG.error("they differ by more than one voter, which no change does: left as they are");
      return true;
    }
    consensus.reconfigure(inLog, listed);
    return false;
  }

  /// The followers hear of what is committed, which they would otherwise with the next heartbeat.
  /// Soon over: this node begins again as well, and its caller wants an answer before.
  private void tellFollowers() {
    try {
      for (int i = 0; i < LAST_WORDS && LedgerPass.barrier(consensus, LAST_ANSWER); i++) {
        pause();
      }
    } catch (InterruptedException decidedAnyway) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause() throws InterruptedException {
    LockSupport.parkNanos(this, PAUSE.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private VoterRecord record() {
    return store.read(state -> state.clock().voters());
  }
}
