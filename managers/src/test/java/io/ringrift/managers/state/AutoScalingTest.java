package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.watch.ClusterWatch;
import io.ringrift.managers.watch.ScaleConfig;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.managers.watch.WatchConfig;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// When a node that scaling drained may go, and what the next leader knows of it.
final class AutoScalingTest extends QueueBed {
  private final List<NodeView> nodes = new CopyOnWriteArrayList<>();
  private final SpareNodes sync = new SpareNodes();
  private final List<String> scaled = new ArrayList<>();
  private final Ticker system = Ticker.system();
  private Duration ahead = Duration.ZERO;
  private boolean mine = true;
  private LoopSpec loop;

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    builder.addService(new Nodes()).addService(sync);
  }

  private final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.newBuilder().addAllNodes(nodes).build());
      observer.onCompleted();
    }
  }

  private final class Recorded implements Scaler {
    @Override
    public boolean mayRemove(String nodeId) {
      return mine;
    }

    @Override
    public void add(int count, String key) {
      scaled.add("add " + count);
    }

    @Override
    public void remove(String nodeId, String key) {
      scaled.add("remove " + nodeId);
    }
  }

  /// The loop of a node that leads and knows nothing but the ledger.
  private LoopSpec scaling() {
    var watch =
        new ClusterWatch(
            services(),
            membership(),
            consensus,
            WatchConfig.of(true, ScaleConfig.DEFAULT),
            new Recorded(),
            () -> system.now().plus(ahead),
            () -> {});
    return watch.loops().stream()
        .filter(one -> one.name().equals("auto_scaling"))
        .findFirst()
        .orElseThrow();
  }

  @BeforeEach
  void lead() {
    loop = scaling();
  }

  private void round() throws InterruptedException {
    loop.round().run(Optional.of(new Epoch(1)));
  }

  private Map<String, Long> counters() {
    return loop.counters().read();
  }

  private List<String> draining() {
    return StateServiceGrpc.newBlockingStub(channel)
        .getState(GetStateRequest.getDefaultInstance())
        .getDrainingList();
  }

  private void node(String id, String state, boolean heard) {
    var view = NodeView.newBuilder().setNodeId(id).setState(state).setDraining(true);
    if (heard) {
      view.setFacts(NodeFacts.newBuilder().setMaxJobs(4));
    }
    nodes.add(view.build());
  }

  /// A node that scaling has drained.
  private void drained(String id, String state, boolean heard) {
    node(id, state, heard);
    var command =
        Command.newBuilder()
            .setSetDrain(SetDrain.newBuilder().setNodeId(id).setDrain(true).setRemoving(true));
    var _ =
        StateServiceGrpc.newBlockingStub(channel)
            .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  @Test
  void aNodeStaysUntilOthersHoldWhatItHolds() throws InterruptedException {
    drained("n2", "ALIVE", true);
    sync.needed.add("n2");
    round();
    assertThat(scaled).isEmpty();
    assertThat(counters()).containsEntry("waiting_for_copies", 1L);
    sync.needed.clear();
    round();
    assertThat(scaled).containsExactly("remove n2");
    assertThat(counters())
        .containsEntry("waiting_for_copies", 0L)
        .containsEntry("nodes_removed", 1L);
  }

  @Test
  void aNodeOfWhichNobodyKnowsWhatItHoldsStaysAndHoldsUpNoOther() throws InterruptedException {
    drained("n2", "ALIVE", true);
    drained("n3", "ALIVE", true);
    sync.silent.add("n2");
    round();
    assertThat(scaled).containsExactly("remove n3");
  }

  @Test
  void aNodeThatWaitsAnHourForCopiesWorksAgainAndAnAlertNamesTheFile() throws InterruptedException {
    drained("n2", "ALIVE", true);
    drained("n3", "ALIVE", true);
    sync.needed.add("n2");
    sync.silent.add("n3");
    round();
    ahead = Duration.ofMinutes(59);
    round();
    assertThat(draining()).containsExactly("n2", "n3");
    assertThat(counters()).containsEntry("waiting_for_copies", 2L);

    ahead = Duration.ofHours(1);
    round();
    assertThat(draining()).isEmpty();
    assertThat(scaled).isEmpty();
    assertThat(counters())
        .containsEntry("waiting_for_copies", 0L)
        .containsEntry("nodes_given_back", 2L);
    assertThat(alerts().get("n2")).contains("1 too seldom, such as games/x.db");
    assertThat(alerts().get("n3")).contains("nobody knows what it holds");
  }

  @Test
  void whoWasGivenBackIsNotDrainedAgainForAnHour() throws InterruptedException {
    drained("n2", "ALIVE", true);
    sync.needed.add("n2");
    round();
    ahead = Duration.ofHours(1);
    round();
    nodes.clear();
    for (String id : List.of("n1", "n2", "n3")) {
      nodes.add(idle(id));
    }
    nodes.set(2, nodes.get(2).toBuilder().setVoter(true).build());
    nodes.set(0, nodes.get(0).toBuilder().setVoter(true).build());
    round();
    round();
    assertThat(draining()).isEmpty();
    ahead = Duration.ofHours(2);
    round();
    round();
    assertThat(draining()).containsExactly("n2");
  }

  private static NodeView idle(String id) {
    return NodeView.newBuilder()
        .setNodeId(id)
        .setState("ALIVE")
        .setFacts(NodeFacts.newBuilder().setMaxJobs(4))
        .build();
  }

  /// Subject to message.
  private Map<String, String> alerts() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.getDefaultInstance())
        .getEventsList()
        .stream()
        .filter(event -> event.getKind().equals("CLUSTER_ALERT"))
        .collect(
            Collectors.toMap(Event::getSubject, event -> event.getAttributesOrThrow("message")));
  }

  @Test
  void theLastNodeThatTrainsIsNotRemovedAlthoughItWasDrained() throws InterruptedException {
    drained("n2", "ALIVE", true);
    nodes.set(0, trainer("n2", true));
    round();
    assertThat(scaled).isEmpty();
    assertThat(draining()).isEmpty();

    drained("n3", "ALIVE", true);
    nodes.set(1, trainer("n3", true));
    nodes.set(0, trainer("n2", false));
    round();
    assertThat(scaled).containsExactly("remove n3");
  }

  private static NodeView trainer(String id, boolean draining) {
    var view = idle(id).toBuilder().setDraining(draining);
    view.getFactsBuilder().addCapabilities("training");
    return view.build();
  }

  @Test
  void aNodeThatThisLeaderCannotRemoveWorksAgainAndCountsAsNoneRemoved()
      throws InterruptedException {
    drained("n2", "ALIVE", true);
    mine = false;
    round();
    assertThat(scaled).isEmpty();
    assertThat(draining()).isEmpty();
    assertThat(counters()).containsEntry("nodes_removed", 0L).containsEntry("nodes_given_back", 1L);
  }

  @Test
  void whoIsSuspectedOrNotHeardYetIsNotGone() throws InterruptedException {
    drained("n2", "SUSPECT", true);
    drained("n3", "ALIVE", false);
    drained("n4", "DEAD", true);
    drained("n5", "LEFT", false);
    round();
    assertThat(draining()).containsExactly("n2", "n3");
    assertThat(scaled).isEmpty();
  }

  @Test
  void theCooldownOutlivesTheLeader() throws InterruptedException {
    nodes.add(
        NodeView.newBuilder()
            .setNodeId("n2")
            .setState("ALIVE")
            .setFacts(NodeFacts.newBuilder().setMaxJobs(4).setRunningJobs(1))
            .build());
    for (int i = 0; i < 25; i++) {
      submit(Ledgers.selfplay());
    }
    round();
    assertThat(scaled).containsExactly("add 2");

    loop = scaling();
    round();
    assertThat(scaled).as("by the next leader").containsExactly("add 2");
    assertThat(counters()).containsEntry("skipped_cooldown", 1L);
    ahead = Duration.ofSeconds(601);
    round();
    assertThat(scaled).containsExactly("add 2", "add 2");
  }
}
