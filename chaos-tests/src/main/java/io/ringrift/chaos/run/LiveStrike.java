package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.ElectionServiceGrpc.ElectionServiceBlockingStub;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.TransferLeadershipRequest;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// Does one fault to a deployment by its API. It strikes one node at most, and none while more than
/// that would leave the voters without a quorum. A drain is not lifted by the run, it lifts itself:
/// by the time of its end it may have become somebody else's. Safe for any thread.
final class LiveStrike {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration ROOM = Duration.ofSeconds(20);
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final String ALIVE = "ALIVE";

  /// Proof that nothing was done, also behind tries without an answer.
  private static final Set<Reason> REFUSED =
      EnumSet.of(
          Reason.INVALID_ARGUMENT,
          Reason.UNAUTHENTICATED,
          Reason.PERMISSION_DENIED,
          Reason.NODE_NOT_FOUND,
          Reason.OVERLOADED,
          Reason.BACKPRESSURE);

  private final Ticker ticker = Ticker.system();
  private final LivePlan plan;
  private final Map<String, Endpoint> nodes;
  private final LiveFault fault;
  private final Clients clients;
  private final String prefix;

  /// Guarded by this.
  private boolean over;

  /// @param nodes of the plan's addresses, by name
  /// @param prefix makes the ids of its requests its own
  LiveStrike(
      LivePlan plan, Map<String, Endpoint> nodes, LiveFault fault, Clients clients, String prefix) {
    this.plan = plan;
    this.nodes = Map.copyOf(nodes);
    this.fault = fault;
    this.clients = clients;
    this.prefix = prefix;
  }

  /// @throws Refusal when the deployment cannot spare a voter now; nothing was done then
  static void requireRoom(LivePlan plan, LiveFault fault) {
    if (fault.touches()) {
      try (var client = plan.client(PATIENCE)) {
        requireRoom(fault, nodes(client));
      }
    }
  }

  static void requireRoom(LiveFault fault, List<NodeView> nodes) {
    long voters = nodes.stream().filter(NodeView::getVoter).count();
    long alive = nodes.stream().filter(n -> n.getVoter() && n.getState().equals(ALIVE)).count();
    if (alive - 1 < voters / 2 + 1) {
      throw new Refusal(
          Reason.NO_QUORUM,
          "\"%s\" takes one voter for a moment; %d of %d voters are alive and %d are a quorum, so none can be spared"
              .formatted(fault.word(), alive, voters, voters / 2 + 1));
    }
  }

  private static List<NodeView> nodes(ClusterClient client) {
    return client
        .call(
            c ->
                PlacementServiceGrpc.newBlockingStub(c)
                    .listNodes(ListNodesRequest.getDefaultInstance()))
        .getNodesList();
  }

  /// @return what shows that it happened, in words
  /// @throws Refusal when it cannot be done, when no voter can be spared for 20 s, when the run is
  ///   over, or OUTCOME_UNKNOWN when nobody tells whether it was done
  String begin() {
    return switch (fault) {
      case LOAD -> "";
      case CONSUMERS -> {
        clients.rest(true);
        yield "the run's own workers stood still";
      }
      case TRANSFER, STEP_DOWN, DRAIN -> blow();
    };
  }

  private String blow() {
    try (var client = plan.client(PATIENCE)) {
      String leader = awaitRoom(client);
      synchronized (this) {
        requireGoingOn();
        return switch (fault) {
          case TRANSFER -> transfer(leader);
          case STEP_DOWN -> stepDown(leader);
          default -> drain(client, leader);
        };
      }
    }
  }

  private synchronized void requireGoingOn() {
    if (over) {
      throw new Refusal(Reason.SHUTTING_DOWN, "the run is over: nothing is done any more");
    }
  }

  /// A voter may be missed for a moment.
  ///
  /// @return who leads
  private String awaitRoom(ClusterClient client) {
    Moment end = ticker.now().plus(ROOM);
    while (true) {
      requireGoingOn();
      try {
        requireRoom(fault, nodes(client));
        return leader(client);
      } catch (Refusal refusal) {
        if (ticker.now().isAfter(end)) {
          throw refusal;
        }
        LockSupport.parkNanos(this, AGAIN.toNanos());
      }
    }
  }

  private static String leader(ClusterClient client) {
    String leader =
        client
            .call(
                c ->
                    ElectionServiceGrpc.newBlockingStub(c)
                        .getLeadership(GetLeadershipRequest.getDefaultInstance()))
            .getLeaderId();
    if (leader.isEmpty()) {
      throw new Refusal(Reason.NO_QUORUM, "nobody is known to lead, so no node is touched");
    }
    return leader;
  }

  private String transfer(String leader) {
    var request = TransferLeadershipRequest.getDefaultInstance();
    var told = once(leader, c -> stub(c).transferLeadership(request));
    return "epoch %d was left for %s".formatted(told.getEpoch(), told.getTargetNodeId());
  }

  private String stepDown(String leader) {
    var request = StepDownRequest.newBuilder().setCause("chaos run step-down").build();
    var told = once(leader, c -> stub(c).stepDown(request));
    return "epoch %d was left".formatted(told.getEpoch());
  }

  private static ElectionServiceBlockingStub stub(Channel channel) {
    return ElectionServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// One call to that node and to no other. It carries nothing by which a second one would be known
  /// as the same, and so could depose the next leader too.
  private <T> T once(String leader, Function<Channel, T> call) {
    Endpoint at = nodes.get(leader);
    if (at == null) {
      throw new Refusal(
          Reason.INVALID_ARGUMENT,
          "%s leads and is none of the nodes at --address: name every voter".formatted(leader));
    }
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().disableRetry().build();
    try {
      return call.apply(Bearer.on(channel, plan.token()));
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      boolean refused = refusal.reason() == Reason.NOT_LEADER || REFUSED.contains(refusal.reason());
      throw refused
          ? refusal
          : new Refusal(
              Reason.OUTCOME_UNKNOWN,
              "whether %s gave its office up is not known (%s), and it is not asked again"
                  .formatted(leader, refusal.text()),
              refusal);
    } finally {
      var _ = channel.shutdownNow();
    }
  }

  /// Who does not lead and is drained by nobody.
  ///
  /// @throws Refusal when there is no such node
  static String spare(List<NodeView> nodes, String leader) {
    return nodes.stream()
        .filter(n -> n.getState().equals(ALIVE) && !n.getDraining())
        .map(NodeView::getNodeId)
        .filter(id -> !id.equals(leader))
        .findFirst()
        .orElseThrow(
            () -> new Refusal(Reason.NO_CAPACITY, "every node but the leader is drained already"));
  }

  private String drain(ClusterClient client, String leader) {
    String node = spare(nodes(client), leader);
    try {
      var request =
          SetDrainRequest.newBuilder()
              .setRequestId(prefix + "drain")
              .setNodeId(node)
              .setDrain(true)
              .setLiftedAfter(
                  com.google.protobuf.Duration.newBuilder()
                      .setSeconds(LiveFault.DRAIN.lasting().toSeconds()))
              .build();
      var _ = client.call(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request));
    } catch (Refusal refusal) {
      throw REFUSED.contains(refusal.reason())
          ? refusal
          : new Refusal(
              Reason.OUTCOME_UNKNOWN,
              "whether %s is drained is not known (%s): if it is by this run, that ends after %d s"
                  .formatted(node, refusal.text(), LiveFault.DRAIN.lasting().toSeconds()),
              refusal);
    }
    return node + " was drained";
  }

  /// The run's own workers go on; a drain ends by itself.
  void end() {
    clients.rest(false);
  }

  /// As `end`; nothing begins any more.
  void close() {
    synchronized (this) {
      over = true;
    }
    end();
  }
}
