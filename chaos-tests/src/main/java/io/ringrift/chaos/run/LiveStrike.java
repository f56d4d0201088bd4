package io.ringrift.chaos.run;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.TransferLeadershipRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// Does one fault to a deployment by its API, and takes it back. It strikes one node at most, and
/// none while more than that would leave the voters without a quorum. Safe for any thread: who ends
/// the process takes back what the run has done.
final class LiveStrike {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration ROOM = Duration.ofSeconds(20);
  private static final Duration AGAIN = Duration.ofMillis(500);
  private static final String ALIVE = "ALIVE";

  private final Ticker ticker = Ticker.system();
  private final LivePlan plan;
  private final LiveFault fault;
  private final Clients clients;
  private final String prefix;

  /// Who is drained by this run and not yet taken back. Guarded by this.
  private Optional<String> drained = Optional.empty();

  /// Guarded by this.
  private boolean over;

  /// @param prefix makes the ids of its requests its own
  LiveStrike(LivePlan plan, LiveFault fault, Clients clients, String prefix) {
    this.plan = plan;
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

  /// A voter may be missed for a moment.
  private void awaitRoom() {
    Moment end = ticker.now().plus(ROOM);
    while (true) {
      try {
        requireRoom(plan, fault);
        return;
      } catch (Refusal refusal) {
        if (ticker.now().isAfter(end)) {
          throw refusal;
        }
        LockSupport.parkNanos(this, AGAIN.toNanos());
      }
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
  /// @throws Refusal when it cannot be done, or when no voter can be spared for 20 s
  String begin() {
    awaitRoom();
    try (var client = plan.client(PATIENCE)) {
      return switch (fault) {
        case LOAD -> "";
        case CONSUMERS -> {
          clients.rest(true);
          yield "the run's own workers stood still";
        }
        case TRANSFER -> {
          var told =
              client.call(
                  c ->
                      ElectionServiceGrpc.newBlockingStub(c)
                          .transferLeadership(TransferLeadershipRequest.getDefaultInstance()));
          yield "epoch %d was left for %s".formatted(told.getEpoch(), told.getTargetNodeId());
        }
        case STEP_DOWN -> {
          var request = StepDownRequest.newBuilder().setCause("chaos run step-down").build();
          var told = client.call(c -> ElectionServiceGrpc.newBlockingStub(c).stepDown(request));
          yield "epoch %d was left".formatted(told.getEpoch());
        }
        case DRAIN -> drain(client);
      };
    }
  }

  /// One that an operator has drained already is left alone.
  private String drain(ClusterClient client) {
    String leader =
        client
            .call(
                c ->
                    ElectionServiceGrpc.newBlockingStub(c)
                        .getLeadership(GetLeadershipRequest.getDefaultInstance()))
            .getLeaderId();
    String node =
        nodes(client).stream()
            .filter(n -> n.getState().equals(ALIVE) && !n.getDraining())
            .map(NodeView::getNodeId)
            .filter(id -> !id.equals(leader))
            .findFirst()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.NO_CAPACITY, "every node but the leader is drained already"));
    synchronized (this) {
      if (over) {
        throw new Refusal(Reason.SHUTTING_DOWN, "the run is over: nothing is drained any more");
      }
      drained = Optional.of(node);
      set(client, node, true);
    }
    return node + " was drained";
  }

  private void set(ClusterClient client, String node, boolean drain) {
    var request =
        SetDrainRequest.newBuilder()
            .setRequestId(prefix + (drain ? "drain" : "undrain"))
            .setNodeId(node)
            .setDrain(drain)
            .build();
    var _ = client.call(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request));
  }

  /// Takes back what is in force; nothing when nothing is.
  ///
  /// @throws Refusal when it cannot be taken back, with the command that does it
  void end() {
    clients.rest(false);
    synchronized (this) {
      if (drained.isEmpty()) {
        return;
      }
      try (var client = plan.client(PATIENCE)) {
        set(client, drained.get(), false);
        drained = Optional.empty();
      } catch (Refusal refusal) {
        throw new Refusal(
            refusal.reason(),
            "the drain of %s could not be lifted (%s): say \"bin/ringrift node undrain %s\""
                .formatted(drained.get(), refusal.text(), drained.get()),
            refusal);
      }
    }
  }

  /// As `end`; nothing that has to be taken back begins any more.
  void close() {
    synchronized (this) {
      over = true;
    }
    end();
  }
}
