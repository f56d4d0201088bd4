package io.ringrift.managers.state;

import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.FollowSwitchRequest;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.PrepareSwitchRequest;
import io.ringrift.state.v1.Seal;
import io.ringrift.state.v1.StateMark;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.SwitchMode;
import io.ringrift.state.v1.SwitchModeResponse;
import io.ringrift.state.v1.Unseal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads a running cluster into another mode of consensus: ask everybody, seal the state, see the
/// same state at every voter, end the log. What cannot be seen through is undone; once the log has
/// ended every node begins again in the other mode and the state goes along as an estate
/// (docs/protocol/modes.md). Blocks its caller; one at a time.
final class ModeSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(ModeSwitch.class);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration PRESENCE = Duration.ofSeconds(10);
  private static final Duration AGREEMENT = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int LAST_WORDS = 10;

  private final Consensus consensus;
  private final Membership membership;
  private final Services services;
  private final CommandPipeline pipeline;
  private final String mode;
  private final Ticker ticker;
  private final ReentrantLock one = new ReentrantLock();

  /// @param mode of consensus in force
  ModeSwitch(
      Consensus consensus,
      Membership membership,
      Services services,
      CommandPipeline pipeline,
      String mode,
      Ticker ticker) {
    this.consensus = consensus;
    this.membership = membership;
    this.services = services;
    this.pipeline = pipeline;
    this.mode = mode;
    this.ticker = ticker;
  }

  /// @param target bully, raft or hybrid; the mode in force is answered without a change
  /// @throws Refusal NOT_LEADER or SWITCH_REFUSED when nothing has changed, OUTCOME_UNKNOWN
  SwitchModeResponse run(String target) throws InterruptedException {
    Epoch epoch = pipeline.epoch().orElseThrow(ModeSwitch::notLeader);
    if (target.equals(mode)) {
      return SwitchModeResponse.newBuilder().setEpoch(epoch.value()).setFormerMode(mode).build();
    }
    if (!one.tryLock()) {
      throw refused("another change of mode is under way; wait for it");
    }
    try {
      requireReady(target);
      return sealed(target, epoch);
    } finally {
      one.unlock();
    }
  }

  private static Refusal refused(String why) {
    return new Refusal(Reason.SWITCH_REFUSED, why);
  }

  private static Refusal notLeader() {
    return new Refusal(Reason.NOT_LEADER, "this node does not lead; ask who leads and try there");
  }

  /// Voters all have to be here: one that is not would stay behind. Those that begin again just
  /// now, after another change, are waited for.
  private void requireReady(String target) throws InterruptedException {
    var request = PrepareSwitchRequest.newBuilder().setTargetMode(target).build();
    Moment end = ticker.now().plus(PRESENCE);
    while (true) {
      var outcome =
          Fanout.ask(
              everybody(),
              ANSWER,
              id -> ModeServiceGrpc.newBlockingStub(services.on(id)).prepareSwitch(request));
      var obstacles = new TreeMap<NodeId, Object>();
      outcome.answers().forEach((id, answer) -> obstacles.put(id, answer.getObstaclesList()));
      obstacles.values().removeIf(List.of()::equals);
      boolean refused = !obstacles.isEmpty();
      obstacles.putAll(outcome.failures());
      if (obstacles.isEmpty()) {
        return;
      }
      if (refused || ticker.now().isAfter(end)) {
        throw refused(
            "not every node can go to "
                + target
                + ": "
                + obstacles
                + "; put that right, or stop nodes that are no voters, and try again");
      }
      pause();
    }
  }

  private List<NodeId> everybody() {
    return Stream.concat(
            consensus.voters().stream(),
            membership.members().stream().filter(Member::alive).map(Member::id))
        .distinct()
        .toList();
  }

  private SwitchModeResponse sealed(String target, Epoch epoch) throws InterruptedException {
    String id = "switch-" + UUID.randomUUID();
    boolean ended = false;
    pipeline.hold();
    try {
      long index =
          pass(
              epoch,
              Command.newBuilder()
                  .setSeal(Seal.newBuilder().setSwitchId(id).setTargetMode(target)));
      Map<String, String> hashes = agreed(id, index);
      pass(
          epoch,
          Command.newBuilder()
              .setSwitchMode(
                  SwitchMode.newBuilder().setSwitchId(id).setSameLog(sameLog(mode, target))));
      ended = true;
      LOG.info("consensus goes from {} to {}; the state at {} is {}", mode, target, index, hashes);
      spread(target, epoch);
      return SwitchModeResponse.newBuilder()
          .setEpoch(epoch.value())
          .setIndex(index)
          .putAllStateHashes(hashes)
          .setFormerMode(mode)
          .build();
    } finally {
      if (!ended) {
        undo(id, epoch);
      }
    }
  }

  /// Raft and hybrid keep one and the same log.
  private static boolean sameLog(String one, String other) {
    return !one.equals("bully") && !other.equals("bully");
  }

  /// Repeated while this node leads: a leader that goes on over a sealed state serves nobody. The
  /// opening of the next epoch unseals as well.
  private void undo(String id, Epoch epoch) throws InterruptedException {
    String told = "";
    try {
      String obstacle = unseal(id, epoch);
      while (!obstacle.isEmpty() && pipeline.epoch().equals(Optional.of(epoch))) {
        if (!obstacle.equals(told)) {
          told = obstacle;
          LOG.warn("the state is not unsealed yet: {}", obstacle);
        }
        pause();
        obstacle = unseal(id, epoch);
      }
    } finally {
      pipeline.resume();
    }
  }

  /// @return what stands in the way; empty when there is nothing left to undo
  private String unseal(String id, Epoch epoch) throws InterruptedException {
    try {
      pass(epoch, Command.newBuilder().setUnseal(Unseal.newBuilder().setSwitchId(id)));
      return "";
    } catch (Refusal refusal) {
      return refusal.reason() == Reason.INVALID_ARGUMENT ? "" : refusal.text();
    }
  }

  /// @return index of its entry
  private long pass(Epoch epoch, Command.Builder command) throws InterruptedException {
    return LedgerPass.through(pipeline, epoch, command);
  }

  /// Waits until every voter stands at the seal with one and the same state.
  private Map<String, String> agreed(String id, long index) throws InterruptedException {
    Map<NodeId, GetStateResponse> answers =
        awaitAll(
            state -> state.getSwitchId().equals(id) && last(state).getIndex() == index,
            "to stand at the seal, ledger index " + index);
    var hashes = new TreeMap<String, String>();
    answers.forEach((node, state) -> hashes.put(node.value(), last(state).getStateHash()));
    if (hashes.values().stream().distinct().count() != 1) {
      throw refused("the voters do not hold the same state: " + hashes + "; the change was undone");
    }
    return hashes;
  }

  private static StateMark last(GetStateResponse state) {
    return state.getMarks(state.getMarksCount() - 1);
  }

  private Map<NodeId, GetStateResponse> awaitAll(Predicate<GetStateResponse> arrived, String what)
      throws InterruptedException {
    Moment end = ticker.now().plus(AGREEMENT);
    while (true) {
      tellCommits();
      var outcome =
          Fanout.ask(
              consensus.voters(),
              ANSWER,
              id ->
                  StateServiceGrpc.newBlockingStub(services.on(id))
                      .getState(GetStateRequest.getDefaultInstance()));
      var here = new TreeMap<NodeId, GetStateResponse>(outcome.answers());
      here.values().removeIf(arrived.negate());
      if (here.size() == consensus.voters().size()) {
        return here;
      }
      if (ticker.now().isAfter(end)) {
        throw refused(
            "waited for every voter "
                + what
                + ", but only "
                + here.keySet()
                + " came; the change was undone");
      }
      pause();
    }
  }

  private void pause() throws InterruptedException {
    LockSupport.parkNanos(this, PAUSE.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /// A barrier makes the followers hear of what is committed, which they would otherwise with the
  /// next heartbeat.
  ///
  /// @return whether a majority still follows
  private boolean tellCommits() throws InterruptedException {
    return LedgerPass.barrier(consensus, ANSWER);
  }

  /// The log has ended; nobody is left behind who can be told. Failures are told, not undone.
  private void spread(String target, Epoch epoch) throws InterruptedException {
    for (int i = 0; i < LAST_WORDS && tellCommits(); i++) {
      pause();
    }
    List<NodeId> others =
        membership.members().stream()
            .filter(Member::alive)
            .map(Member::id)
            .filter(id -> !consensus.voters().contains(id))
            .toList();
    var outcome =
        Fanout.ask(
            others,
            ANSWER,
            id ->
                ModeServiceGrpc.newBlockingStub(services.on(id))
                    .followSwitch(
                        FollowSwitchRequest.newBuilder()
                            .setTargetMode(target)
                            .setFence(
                                Fence.newBuilder()
                                    .setEpoch(epoch.value())
                                    .setLeaderId(services.self().value()))
                            .build()));
    if (!outcome.failures().isEmpty()) {
      LOG.warn("start these again in mode {}: {}", target, outcome.failures());
    }
  }
}
