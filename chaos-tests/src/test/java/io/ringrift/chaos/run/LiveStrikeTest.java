package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.election.v1.ElectionServiceGrpc.ElectionServiceImplBase;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.StepDownResponse;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc.PlacementServiceImplBase;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.placement.v1.SetDrainResponse;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.CancelWorkResponse;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.ListWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceImplBase;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a deployment is asked, how often and in which order. It answers by hand: n1 leads, and n2
/// was drained by somebody else.
@Timeout(60)
final class LiveStrikeTest {
  private static final String PREFIX = "live000001_";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final RunClock clock = new RunClock(Ticker.system());
  private final History history = new History(clock, 10);
  private final EvidenceRecorder recorder = new EvidenceRecorder(10);
  private volatile String leader = "n1";
  private volatile Status blow = Status.OK;
  private volatile Status cancelling = Status.OK;
  private volatile long lasting;
  private Server server;
  private Clients clients;

  @BeforeEach
  void serve() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Elections())
            .addService(new Placement())
            .addService(new Queue())
            .build()
            .start();
    var setup =
        new Clients.Setup(
            PREFIX,
            Map.of("n1", at()),
            Optional.empty(),
            Duration.ofSeconds(5),
            Path.of("none"),
            1);
    clients = new Clients(setup, new Work(1, Set.of("queue"), 0, Duration.ofMillis(50)), history);
  }

  @AfterEach
  void end() {
    clients.close();
    server.shutdownNow();
  }

  private Endpoint at() {
    return Endpoint.parse("127.0.0.1:" + server.getPort());
  }

  private LivePlan plan(LiveFault fault) {
    return new LivePlan(List.of(at()), List.of(fault), Optional.empty(), 1, Duration.ofSeconds(1));
  }

  private LiveStrike strike(LiveFault fault) {
    var nodes = Map.of("n1", at(), "n2", at(), "n3", at());
    return new LiveStrike(plan(fault), nodes, fault, clients, PREFIX);
  }

  @Test
  void aBlowWithoutAnAnswerIsToldAndNotRepeated() {
    blow = Status.UNAVAILABLE;
    assertThatThrownBy(strike(LiveFault.STEP_DOWN)::begin)
        .hasMessageContaining("whether n1 gave its office up is not known")
        .extracting(e -> ((Refusal) e).reason())
        .isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(asked).containsExactly("nodes", "leader", "step down");
  }

  @Test
  void aLeaderWithoutAnAddressIsNotTouched() {
    leader = "n9";
    assertThatThrownBy(strike(LiveFault.STEP_DOWN)::begin)
        .hasMessageContaining("n9 leads and is none of the nodes at --address");
    assertThat(asked).doesNotContain("step down");
  }

  @Test
  void aDrainIsLeftToLiftItself() {
    LiveStrike strike = strike(LiveFault.DRAIN);
    assertThat(strike.begin()).isEqualTo("n3 was drained");
    assertThat(lasting).as("seconds until it lifts itself").isEqualTo(10);
    strike.end();
    strike.close();
    assertThat(asked).as("it may be somebody else's by now").endsWith("drain n3");
  }

  @Test
  void nothingIsDoneOnceTheRunIsOver() throws InterruptedException {
    leader = "";
    LiveStrike strike = strike(LiveFault.STEP_DOWN);
    var told = new CopyOnWriteArrayList<String>();
    Thread run =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    told.add(strike.begin());
                  } catch (Refusal refusal) {
                    told.add(refusal.text());
                  }
                });
    await().until(() -> asked.contains("leader"));
    strike.close();
    leader = "n1";
    run.join();
    assertThat(told).singleElement().asString().contains("the run is over");
    assertThat(asked).doesNotContain("step down");
  }

  @Test
  void itemsOfTheRunAreCancelledAndAnItemThatCannotBeIsTold() {
    cancelling = Status.PERMISSION_DENIED;
    try (var cleaning =
        new LiveCleaning(
            plan(LiveFault.DRAIN),
            PREFIX,
            clients,
            strike(LiveFault.DRAIN),
            recorder,
            new PrintWriter(new StringWriter()))) {
      cleaning.clean();
    }
    assertThat(asked).containsExactly("list", "cancel w1", "list", "cancel w1", "list");
    assertThat(evidence().leftovers()).singleElement().asString().contains("work item w1");
  }

  private RunEvidence evidence() {
    var setting =
        new Setting(
            "drain",
            "",
            "live",
            "http",
            "bully",
            1,
            "",
            List.of(),
            List.of(),
            Duration.ZERO,
            Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, history);
  }

  private static <T> void answer(StreamObserver<T> reply, Status status, T told) {
    if (status.isOk()) {
      reply.onNext(told);
      reply.onCompleted();
    } else {
      reply.onError(status.asRuntimeException());
    }
  }

  private final class Elections extends ElectionServiceImplBase {
    @Override
    public void getLeadership(
        GetLeadershipRequest request, StreamObserver<GetLeadershipResponse> reply) {
      asked.add("leader");
      answer(reply, Status.OK, GetLeadershipResponse.newBuilder().setLeaderId(leader).build());
    }

    @Override
    public void stepDown(StepDownRequest request, StreamObserver<StepDownResponse> reply) {
      asked.add("step down");
      answer(reply, blow, StepDownResponse.getDefaultInstance());
    }
  }

  private final class Placement extends PlacementServiceImplBase {
    private static NodeView node(String id) {
      return NodeView.newBuilder()
          .setNodeId(id)
          .setVoter(true)
          .setState("ALIVE")
          .setDraining(id.equals("n2"))
          .build();
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> reply) {
      asked.add("nodes");
      var all = List.of(node("n1"), node("n2"), node("n3"));
      answer(reply, Status.OK, ListNodesResponse.newBuilder().addAllNodes(all).build());
    }

    @Override
    public void setDrain(SetDrainRequest request, StreamObserver<SetDrainResponse> reply) {
      asked.add((request.getDrain() ? "drain " : "undrain ") + request.getNodeId());
      lasting = request.getLiftedAfter().getSeconds();
      answer(reply, blow, SetDrainResponse.getDefaultInstance());
    }
  }

  private final class Queue extends QueueServiceImplBase {
    @Override
    public void listWork(ListWorkRequest request, StreamObserver<ListWorkResponse> reply) {
      asked.add("list");
      var item =
          WorkItem.newBuilder()
              .setWorkId("w1")
              .setState(WorkState.WORK_STATE_PENDING)
              .setSpec(WorkSpec.newBuilder().setPayload(PREFIX + "1"));
      answer(reply, Status.OK, ListWorkResponse.newBuilder().addItems(item).build());
    }

    @Override
    public void cancelWork(CancelWorkRequest request, StreamObserver<CancelWorkResponse> reply) {
      asked.add("cancel " + request.getWorkId());
      answer(reply, cancelling, CancelWorkResponse.getDefaultInstance());
    }
  }
}
