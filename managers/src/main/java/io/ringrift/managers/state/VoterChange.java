package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
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
  private static final int LAST_WORDS = 3;

  private final Consensus consensus;
  private final NodeId self;
  private final VoterSight sight;
  private final CommandPipeline pipeline;
  private final ClusterStore store;
  private final VoterHooks hooks;
  private final Ticker ticker;
  private final ReentrantLock one = new ReentrantLock();

  VoterChange(
      Consensus consensus,
      NodeId self,
      VoterSight sight,
      CommandPipeline pipeline,
      ClusterStore store,
      VoterHooks hooks,
      Ticker ticker) {
    this.consensus = consensus;
    this.self = self;
    this.sight = sight;
    this.pipeline = pipeline;
    this.store = store;
    this.hooks = hooks;
    this.ticker = ticker;
  }

  /// What was decided.
  ///
  /// @param epoch that ends with it
  record Done(VoterList voters, Epoch epoch) {}

  /// The voters as this node sees them. Any node.
  ListVotersResponse list() throws InterruptedException {
    VoterRecord record = record();
    VoterList now = record.getDecided().getVersion() > 0 ? record.getDecided() : hooks.inForce();
    var list = sight.describe(now).toBuilder();
    if (record.hasPending()) {
      list.setPending(record.getPending());
    }
    return list.build();
  }

  /// @throws Refusal NOT_LEADER, INVALID_ARGUMENT or VOTERS_REFUSED when nothing has changed,
  ///   OUTCOME_UNKNOWN
  Done add(String node) throws InterruptedException {
    Epoch epoch = requireLeader();
    List<VoterEntry> now = hooks.inForce().getVotersList();
    if (now.stream().anyMatch(v -> v.getNodeId().equals(node))) {
      throw Refusal.invalid(
          "node_id", node, "a node that is no voter yet; the voters: " + names(now));
    }
    var wanted = new ArrayList<>(now);
    wanted.add(sight.candidate(node));
    return change(wanted, epoch);
  }

  /// The same refusals. A leader that is to go hands over first: its caller tries again at the
  /// next.
  Done remove(String node) throws InterruptedException {
    Epoch epoch = requireLeader();
    List<VoterEntry> now = hooks.inForce().getVotersList();
    var wanted = new ArrayList<>(now);
    if (!wanted.removeIf(v -> v.getNodeId().equals(node))) {
      throw Refusal.invalid("node_id", node, "one of the voters " + names(now));
    }
    if (wanted.isEmpty()) {
      throw Refusal.invalid("node_id", node, "not the last voter; add another first");
    }
    requireUndisturbed();
    sight.requireQuorum(wanted);
    if (node.equals(self.value())) {
      LOG.info("this voter is to go: another leads first");
      var _ = consensus.transfer(Optional.empty());
      throw notLeader();
    }
    return change(wanted, epoch);
  }

  private Epoch requireLeader() {
    return pipeline.epoch().filter(_ -> store.founded()).orElseThrow(VoterChange::notLeader);
  }

  private static Refusal notLeader() {
    return new Refusal(Reason.NOT_LEADER, "this node does not lead; ask who leads and try there");
  }

  private void requireUndisturbed() {
    VoterRecord record = record();
    if (!record.getChangeId().isEmpty()
        || record.getDecided().getVersion() > hooks.inForce().getVersion()) {
      throw VoterSight.refused("another change of the voters is under way; wait for it");
    }
  }

  private Done change(List<VoterEntry> wanted, Epoch epoch) throws InterruptedException {
    if (!one.tryLock()) {
      throw VoterSight.refused("another change of the voters is under way; wait for it");
    }
    try {
      requireUndisturbed();
      sight.requireQuorum(wanted);
      String id = "voters-" + UUID.randomUUID();
      var list = VoterList.newBuilder().addAllVoters(sorted(wanted));
      LedgerPass.through(
          pipeline,
          epoch,
          Command.newBuilder()
              .setBeginVoterChange(BeginVoterChange.newBuilder().setChangeId(id).setVoters(list)));
      return decide(epoch);
    } finally {
      one.unlock();
    }
  }

  /// From the beginning of a change to its end.
  private Done decide(Epoch epoch) throws InterruptedException {
    VoterRecord record = record();
    VoterList pending = record.getPending();
    boolean ended = false;
    try {
      consensus.introduce(addresses(pending));
      if (consensus.keepsVoters()) {
        awaitNewcomer(pending);
        consensus.reconfigure(ids(pending.getVotersList()));
      }
      Done done = end(record, epoch);
      ended = true;
      return done;
    } finally {
      if (!ended && !settleOnce(epoch)) {
        LOG.warn("the change to the voters {} is not settled yet", names(pending.getVotersList()));
        Thread.ofVirtual().name("voters").start(() -> settle(epoch));
      }
    }
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
          names(pending.getVotersList()));
      tellFollowers();
      return new Done(pending, epoch);
    } finally {
      if (!ended) {
        pipeline.resume();
      }
    }
  }

  /// The newcomer hears of the change by itself and opens its share of the log.
  private void awaitNewcomer(VoterList pending) throws InterruptedException {
    List<NodeId> now = ids(hooks.inForce().getVotersList());
    List<NodeId> newcomers = new ArrayList<>(ids(pending.getVotersList()));
    newcomers.removeAll(now);
    Moment end = ticker.now().plus(ARRIVAL);
    for (NodeId newcomer : newcomers) {
      while (sight.takesPart(newcomer) < pending.getVersion()) {
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
    try {
      while (pipeline.epoch().equals(Optional.of(epoch)) && !settleOnce(epoch)) {
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether no change is under way any more
  private boolean settleOnce(Epoch epoch) throws InterruptedException {
    VoterRecord record = record();
    if (record.getChangeId().isEmpty()) {
      return true;
    }
    if (!store.founded()) {
      return false;
    }
    consensus.introduce(addresses(record.getPending()));
    List<NodeId> inLog = consensus.electorate();
    try {
      if (inLog.equals(ids(record.getPending().getVotersList()))) {
        end(record, epoch);
        return true;
      }
      if (!inLog.isEmpty()) {
        LedgerPass.through(
            pipeline,
            epoch,
            Command.newBuilder()
                .setUndoVoterChange(
                    UndoVoterChange.newBuilder().setChangeId(record.getChangeId())));
        LOG.info("the change to list {} was given up", record.getPending().getVersion());
        return true;
      }
    } catch (Refusal refusal) {
      LOG.warn("a change of the voters is not settled yet: {}", refusal.text());
    }
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

  static List<VoterEntry> sorted(List<VoterEntry> voters) {
    return voters.stream().sorted(Comparator.comparing(VoterEntry::getNodeId)).toList();
  }

  private static List<NodeId> ids(List<VoterEntry> voters) {
    return voters.stream().map(v -> new NodeId(v.getNodeId())).sorted().toList();
  }

  private static Map<NodeId, Endpoint> addresses(VoterList list) {
    var addresses = new TreeMap<NodeId, Endpoint>();
    for (VoterEntry voter : list.getVotersList()) {
      addresses.put(
          new NodeId(voter.getNodeId()), new Endpoint(voter.getHost(), voter.getRaftPort()));
    }
    return addresses;
  }

  static String names(List<VoterEntry> voters) {
    return String.join(", ", voters.stream().map(VoterEntry::getNodeId).sorted().toList());
  }
}
