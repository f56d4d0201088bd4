package io.ringrift.managers.state;

import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.DescribeVoterRequest;
import io.ringrift.state.v1.DescribeVoterResponse;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ListVotersResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import io.ringrift.state.v1.VoterState;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Who of the voters, and of those who are to be, is there. Blocks its caller: a question has two
/// seconds, and who begins again just now is waited for, ten.
final class VoterSight {
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration PRESENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Membership membership;
  private final Services services;
  private final Ticker ticker;

  VoterSight(Membership membership, Services services, Ticker ticker) {
    this.membership = membership;
    this.services = services;
    this.ticker = ticker;
  }

  /// This node.
  NodeId self() {
    return services.self();
  }

  static Refusal refused(String why) {
    return new Refusal(Reason.VOTERS_REFUSED, why + "; nothing was changed");
  }

  /// Who does not answer is told as not alive.
  ListVotersResponse describe(VoterList voters) throws InterruptedException {
    Map<NodeId, GetStateResponse> answers = states(voters.getVotersList());
    var list = ListVotersResponse.newBuilder().setVersion(voters.getVersion());
    for (VoterEntry voter : VoterLists.sorted(voters.getVotersList())) {
      var state = Optional.ofNullable(answers.get(new NodeId(voter.getNodeId())));
      list.addVoters(
          VoterState.newBuilder()
              .setVoter(voter)
              .setAlive(state.isPresent())
              .setAppliedIndex(state.map(s -> s.getMeta().getAppliedIndex()).orElse(0L)));
    }
    return list.build();
  }

  static Refusal busy() {
    return refused("another change of the voters is under way; wait for it");
  }

  /// As `candidate`, of a node that may just begin again without the list that was given up.
  VoterEntry returning(String node) throws InterruptedException {
    Moment end = ticker.now().plus(PRESENCE);
    while (true) {
      try {
        return candidate(node);
      } catch (Refusal refusal) {
        if (ticker.now().isAfter(end)) {
          throw refusal;
        }
        LockSupport.parkNanos(this, PAUSE.toNanos());
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    }
  }

  /// The node as a voter, by its own word.
  ///
  /// @throws Refusal INVALID_ARGUMENT or VOTERS_REFUSED when it cannot be one
  VoterEntry candidate(String node) throws InterruptedException {
    var member = membership.members().stream().filter(m -> m.id().value().equals(node)).findFirst();
    if (member.isEmpty() || !member.get().alive()) {
      throw Refusal.invalid(
          "node_id", node, "a member that is alive; see \"ringrift cluster members\"");
    }
    if (member.get().outboundOnly()) {
      throw Refusal.invalid("node_id", node, "a node that others can dial, not outbound-only");
    }
    DescribeVoterResponse told = ask(member.get().id(), false);
    if (!told.getObstaclesList().isEmpty() || !told.hasVoter()) {
      throw refused(node + " cannot be a voter: " + told.getObstaclesList());
    }
    VoterEntry voter = told.getVoter();
    if (!voter.getNodeId().equals(node)) {
      throw Refusal.invalid(
          "node_id", node, "the name of the node that answers, which is " + voter.getNodeId());
    }
    VoterLists.fault(voter)
        .ifPresent(
            fault -> {
              throw fault;
            });
    return voter;
  }

  /// The list that the node takes part in, decided or not; -1 while it does not answer.
  long takesPart(NodeId node) throws InterruptedException {
    try {
      return ask(node, true).getTakesPart();
    } catch (Refusal beginningAgain) {
      return -1;
    }
  }

  private DescribeVoterResponse ask(NodeId node, boolean onlyPart) throws InterruptedException {
    var request = DescribeVoterRequest.newBuilder().setOnlyPart(onlyPart).build();
    var outcome =
        Fanout.ask(
            List.of(node),
            ANSWER,
            id -> VoterServiceGrpc.newBlockingStub(services.on(id)).describeVoter(request));
    return Optional.ofNullable(outcome.answers().get(node))
        .orElseThrow(() -> refused(node + " does not answer: " + outcome.failures().get(node)));
  }

  /// A list of which too few are there could decide nothing, the way back included.
  ///
  /// @throws Refusal VOTERS_REFUSED when less than a majority answers in time
  void requireQuorum(List<VoterEntry> wanted) throws InterruptedException {
    int needed = wanted.size() / 2 + 1;
    Moment end = ticker.now().plus(PRESENCE);
    Collection<NodeId> here = states(wanted).keySet();
    while (here.size() < needed) {
      if (ticker.now().isAfter(end)) {
        throw refused(
            "of the voters "
                + VoterLists.names(wanted)
                + " only "
                + here
                + " answer, and "
                + needed
                + " are needed to decide anything; start more of them first");
      }
      LockSupport.parkNanos(this, PAUSE.toNanos());
      here = states(wanted).keySet();
    }
  }

  private Map<NodeId, GetStateResponse> states(List<VoterEntry> voters)
      throws InterruptedException {
    return new TreeMap<>(
        Fanout.ask(
                voters.stream().map(v -> new NodeId(v.getNodeId())).toList(),
                ANSWER,
                id ->
                    StateServiceGrpc.newBlockingStub(services.on(id))
                        .getState(GetStateRequest.getDefaultInstance()))
            .answers());
  }
}
