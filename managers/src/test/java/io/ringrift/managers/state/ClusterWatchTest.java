package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.Role;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.watch.ClusterWatch;
import io.ringrift.managers.watch.ScaleConfig;
import io.ringrift.managers.watch.Scaler;
import io.ringrift.managers.watch.WatchConfig;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The watching loops over the state's and the queue's real services.
final class ClusterWatchTest extends QueueBed {
  private final List<NodeView> nodes = new CopyOnWriteArrayList<>();
  private final List<String> scaled = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger leaders = new AtomicInteger(1);
  private final AtomicBoolean sameEpoch = new AtomicBoolean();
  private final Ticker system = Ticker.system();
  private Duration ahead = Duration.ZERO;
  private ClusterWatch watch;

  @Override
  List<Member> members() {
    return List.of(
        member("n1", MemberState.ALIVE, false),
        member("n2", MemberState.ALIVE, false),
        member("n3", MemberState.ALIVE, false),
        member("n4", MemberState.ALIVE, false));
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    builder.addService(new Nodes()).addService(new Election()).addService(new SpareNodes());
  }

  private final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(ListNodesResponse.newBuilder().addAllNodes(nodes).build());
      observer.onCompleted();
    }
  }

  /// The first so many who are asked in a round say that they lead, each in an epoch of its own or
  /// all in one.
  private final class Election extends ElectionServiceGrpc.ElectionServiceImplBase {
    @Override
    public void getLeadership(
        GetLeadershipRequest request, StreamObserver<GetLeadershipResponse> observer) {
      int turn = asked.getAndIncrement() % 4;
      observer.onNext(
          GetLeadershipResponse.newBuilder()
              .setRole(turn < leaders.get() ? Role.ROLE_LEADER : Role.ROLE_FOLLOWER)
              .setEpoch(sameEpoch.get() ? 0 : turn)
              .build());
      observer.onCompleted();
    }
  }

  private final class Recorded implements Scaler {
    @Override
    public boolean mayRemove(String nodeId) {
      return true;
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

  @BeforeEach
  void watch() {
    watch =
        new ClusterWatch(
            services(),
            membership(),
            consensus,
            WatchConfig.of(true, ScaleConfig.DEFAULT),
            new Recorded(),
            () -> system.now().plus(ahead),
            () -> scaled.add("resync"));
  }

  private LoopSpec loop(String name) {
    return watch.loops().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
  }

  private void round(String name) throws InterruptedException {
    loop(name).round().run(Optional.of(new Epoch(1)));
  }

  private List<String> kinds() {
    return events().stream().map(Event::getKind).toList();
  }

  private List<Event> events() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.getDefaultInstance())
        .getEventsList();
  }

  private static NodeView.Builder node(String id, double gpuPercent, int selfplay) {
    return NodeView.newBuilder()
        .setNodeId(id)
        .setState("ALIVE")
        .setFacts(
            NodeFacts.newBuilder()
                .setMaxJobs(4)
                .setSelfplayJobs(selfplay)
                .setRunningJobs(selfplay)
                .addGpus(Gpu.newBuilder().setName("H100").setUtilizationPercent(gpuPercent)));
  }

  @Test
  void anIdleNodeIsAnEventOfTheLedger() throws InterruptedException {
    nodes.add(node("n2", 1, 0).build());
    round("idle_detection");
    assertThat(kinds()).doesNotContain("NODE_IDLE");
    ahead = Duration.ofSeconds(61);
    round("idle_detection");
    assertThat(kinds()).contains("NODE_IDLE");
    assertThat(loop("idle_detection").counters().read())
        .containsEntry("total_detections", 1L)
        .containsEntry("currently_idle", 1L)
        .containsEntry("total_zombie_detections", 0L);
  }

  @Test
  void aDeposedLeaderTellsNothing() throws InterruptedException {
    nodes.add(node("n2", 1, 0).build());
    round("idle_detection");
    ahead = Duration.ofSeconds(61);
    consensus.follow("n2", 2);
    round("idle_detection");
    assertThat(loop("idle_detection").counters().read())
        .containsEntry("skipped_not_leader", 1L)
        .containsEntry("total_detections", 0L);
  }

  @Test
  void aBacklogIsAlertedOnceInHalfAnHour() throws InterruptedException {
    for (int i = 0; i < 51; i++) {
      submit(Ledgers.selfplay());
    }
    round("predictive_monitoring");
    ahead = Duration.ofMinutes(5);
    round("predictive_monitoring");
    assertThat(kinds().stream().filter("CLUSTER_ALERT"::equals)).hasSize(1);
    assertThat(loop("predictive_monitoring").counters().read())
        .containsEntry("alerts_sent", 1L)
        .containsEntry("checks_performed", 2L);
  }

  @Test
  void waitingWorkAddsNodesOnceInTenMinutes() throws InterruptedException {
    nodes.add(node("n2", 50, 1).build());
    for (int i = 0; i < 25; i++) {
      submit(Ledgers.selfplay());
    }
    round("auto_scaling");
    ahead = Duration.ofSeconds(599);
    round("auto_scaling");
    assertThat(scaled).containsExactly("add 2");
    ahead = Duration.ofSeconds(601);
    round("auto_scaling");
    assertThat(scaled).containsExactly("add 2", "add 2");
    assertThat(kinds()).contains("SCALE_UP");
  }

  @Test
  void anIdleNodeIsDrainedBeforeItIsRemoved() throws InterruptedException {
    for (String id : List.of("n2", "n3", "n4")) {
      nodes.add(node(id, 0, 0).build());
    }
    round("auto_scaling");
    round("auto_scaling");
    assertThat(scaled).isEmpty();
    assertThat(kinds()).contains("SCALE_DOWN");
    nodes.set(0, node("n2", 0, 0).setDraining(true).build());
    round("auto_scaling");
    assertThat(scaled).containsExactly("remove n2");
  }

  @Test
  void theNextLeaderGoesOnWithWhatWasDrained() throws InterruptedException {
    for (String id : List.of("n2", "n3", "n4")) {
      nodes.add(node(id, 0, 0).build());
    }
    round("auto_scaling");
    round("auto_scaling");
    watch();
    round("auto_scaling");
    assertThat(scaled).isNotEmpty().allMatch(what -> what.startsWith("remove "));
  }

  @Test
  void aNodeThatAnOperatorTookBackAndDrainedIsNotRemoved() throws InterruptedException {
    nodes.add(node("n2", 0, 0).setDraining(true).build());
    drain("n2", true, true);
    drain("n2", false, false);
    drain("n2", true, false);
    drain("n2", true, true);
    round("auto_scaling");
    assertThat(scaled).isEmpty();
  }

  @Test
  void theDrainEndsWithTheNode() throws InterruptedException {
    drain("n9", true, true);
    round("auto_scaling");
    assertThat(kinds()).endsWith("NODE_UNDRAINED");
  }

  private void drain(String node, boolean on, boolean removing) {
    var command =
        Command.newBuilder()
            .setSetDrain(SetDrain.newBuilder().setNodeId(node).setDrain(on).setRemoving(removing));
    var _ =
        StateServiceGrpc.newBlockingStub(channel)
            .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  @Test
  void nothingIsScaledOnceTheOfficeIsOver() {
    nodes.add(node("n2", 50, 1).build());
    for (int i = 0; i < 25; i++) {
      submit(Ledgers.selfplay());
    }
    consensus.follow("n2", 2);
    assertThatThrownBy(() -> round("auto_scaling")).isInstanceOf(Refusal.class);
    assertThat(scaled).isEmpty();
  }

  @Test
  void pressureGivesItemsBackToTheQueue() throws InterruptedException {
    submit(Ledgers.selfplay());
    var held = queue().claimWork(claim("n2").build()).getItems(0);
    var full = node("n2", 50, 1);
    full.getFactsBuilder().setMemoryPercent(81);
    nodes.add(full.build());
    round("job_management");
    var item =
        queue()
            .getWork(
                io.ringrift.queue.v1.GetWorkRequest.newBuilder()
                    .setWorkId(held.getWorkId())
                    .build())
            .getItem();
    assertThat(item.getState()).isEqualTo(WorkState.WORK_STATE_PENDING);
    assertThat(item.getAttempts()).isZero();
    assertThat(kinds()).contains("NODE_LOAD_SHED");
    assertThat(loop("job_management").counters().read()).containsEntry("jobs_shed", 1L);
  }

  private void apply(Command.Builder command) {
    var _ =
        StateServiceGrpc.newBlockingStub(channel)
            .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  @Test
  void whatIsBeingCancelledCountsNoLongerAsTooMuch() throws InterruptedException {
    for (int i = 0; i < 4; i++) {
      var spec = JobSpec.newBuilder().setJobType("selfplay");
      apply(Command.newBuilder().setAddJob(AddJob.newBuilder().setJobId("job-" + i).setSpec(spec)));
      apply(
          Command.newBuilder()
              .setAssignJob(AssignJob.newBuilder().setJobId("job-" + i).setNodeId("n2")));
    }
    var full = node("n2", 50, 4);
    full.getFactsBuilder().setMemoryPercent(76);
    nodes.add(full.build());
    round("job_management");
    assertThat(loop("job_management").counters().read()).containsEntry("jobs_shed", 2L);
    round("job_management");
    assertThat(loop("job_management").counters().read()).containsEntry("jobs_shed", 2L);
  }

  @Test
  void membersAndTheQuorumAreEventsOfTheLedger() throws InterruptedException {
    var trainer = node("n2", 1, 0);
    trainer.getFactsBuilder().addCapabilities("training");
    nodes.add(trainer.build());
    nodes.add(node("n3", 1, 0).build());
    round("membership_events");
    assertThat(kinds())
        .contains("HOST_ONLINE", "CLUSTER_CAPACITY_CHANGED", "QUORUM_HEALTH_CHANGED");
    assertThat(events())
        .filteredOn(event -> event.getKind().equals("CLUSTER_CAPACITY_CHANGED"))
        .allSatisfy(
            event ->
                assertThat(event.getAttributesMap())
                    .containsEntry("gpu_nodes", "2")
                    .containsEntry("training_nodes", "1"));
    assertThat(loop("membership_events").counters().read()).containsEntry("events_recorded", 9L);
    watch();
    round("membership_events");
    assertThat(loop("membership_events").counters().read()).containsEntry("events_recorded", 0L);
  }

  @Test
  void aLeaderThatSeesAnotherOfItsEpochStepsDown() throws InterruptedException {
    leaders.set(4);
    sameEpoch.set(true);
    round("split_brain_detection");
    assertThat(consensus.leadership().leader()).isEmpty();
  }

  @Test
  void leadersOfTwoEpochsAreLeftToTheirEpochs() throws InterruptedException {
    leaders.set(4);
    round("split_brain_detection");
    assertThat(kinds()).contains("SPLIT_BRAIN_DETECTED");
    assertThat(consensus.leadership().leader()).isPresent();
  }

  @Test
  void twoLeadersAreToldOnceAndAHealWakesTheData() throws InterruptedException {
    leaders.set(2);
    round("split_brain_detection");
    round("split_brain_detection");
    assertThat(kinds().stream().filter("SPLIT_BRAIN_DETECTED"::equals)).hasSize(1);
    assertThat(watch.health().healthy()).isTrue();
    ahead = Duration.ofSeconds(601);
    round("split_brain_detection");
    assertThat(watch.health().healthy()).isFalse();
    leaders.set(1);
    round("split_brain_detection");
    ahead = ahead.plusSeconds(61);
    round("split_brain_detection");
    assertThat(scaled).containsExactly("resync");
    assertThat(loop("split_brain_detection").counters().read())
        .containsEntry("detections", 1L)
        .containsEntry("checks_performed", 5L)
        .containsEntry("last_leaders_seen", 1L);
  }
}
