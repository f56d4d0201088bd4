package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.ConfigKey;
import io.ringrift.managers.selfplay.SelfplayConfig;
import io.ringrift.managers.selfplay.SelfplayManager;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.selfplay.v1.Weight;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Self-play over the queue, the ladder and the events of a real state.
abstract class SelfplayBed extends QueueBed {
  static final int DEPTH = 12;
  static final ConfigKey HEX5 = new ConfigKey("hex5", 2);
  static final ConfigKey HEX8 = new ConfigKey("hex8", 2);
  static final ConfigKey SQUARE19 = new ConfigKey("square19", 2);

  final AtomicBoolean losesAnAnswer = new AtomicBoolean();

  /// Happens between a submission's start and its arrival.
  volatile Runnable onTheWay = () -> {};

  private final SplittableRandom chance = new SplittableRandom(11);
  Optional<Map<String, Long>> games = Optional.of(Map.of());
  Optional<InputFile> model = Optional.empty();
  Moment now = new Moment(0);
  private Optional<SelfplayManager> served = Optional.empty();

  /// What is configured now.
  volatile SelfplayConfig config = config(true, 1000, 1.5);

  /// The same with another engine mode.
  static SelfplayConfig engine(SelfplayConfig config, String engine) {
    var items = config.items();
    return with(
        config,
        new SelfplayConfig.Items(
            items.workload(),
            items.searchWorkload(),
            items.cpuModes(),
            engine,
            engine,
            items.games()));
  }

  private static SelfplayConfig with(SelfplayConfig config, SelfplayConfig.Items items) {
    return new SelfplayConfig(
        config.enabled(),
        config.configs(),
        items,
        config.depths(),
        config.curriculum(),
        config.boards(),
        config.nodes(),
        config.interval());
  }

  /// The same for other configurations.
  static SelfplayConfig configs(SelfplayConfig config, List<ConfigKey> configs) {
    return new SelfplayConfig(
        config.enabled(),
        configs,
        config.items(),
        config.depths(),
        config.curriculum(),
        config.boards(),
        config.nodes(),
        config.interval());
  }

  /// The same where large boards need so much memory.
  static SelfplayConfig largeBoards(SelfplayConfig config, long gib) {
    return new SelfplayConfig(
        config.enabled(),
        config.configs(),
        config.items(),
        config.depths(),
        config.curriculum(),
        config.boards(),
        new SelfplayConfig.Nodes(8L << 30, 70, 75, 0.3, 0, gib << 30),
        config.interval());
  }

  /// @param target games at which a configuration has enough
  /// @param weight curriculum weight of hex5
  static SelfplayConfig config(boolean enabled, long target, double weight) {
    return new SelfplayConfig(
        enabled,
        List.of(HEX5, HEX8),
        new SelfplayConfig.Items("hex", "", Map.of("hex", Set.of("mcts")), "mcts", "nn", 10),
        new SelfplayConfig.Depths(DEPTH, DEPTH, target),
        Map.of(HEX5, weight),
        Map.of(HEX5, 1),
        new SelfplayConfig.Nodes(8L << 30, 70, 75, 0.3, 0, 0),
        java.time.Duration.ofSeconds(60));
  }

  private SelfplayManager manager(Membership membership, Services services) {
    return new SelfplayManager(
        consensus,
        membership,
        services,
        () -> config,
        new SelfplayManager.Inputs(() -> games, _ -> model, () -> now, chance::nextLong));
  }

  @Override
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {
    var selfplay = manager(membership, services);
    served = Optional.of(selfplay);
    selfplay.services().forEach(builder::addService);
    builder.addService(new Nodes()).intercept(new LossyLink());
  }

  /// The same with a template that nodes do not offer, or another one.
  static SelfplayConfig workload(SelfplayConfig config, String workload) {
    var items = config.items();
    return with(
        config,
        new SelfplayConfig.Items(
            workload,
            items.searchWorkload(),
            items.cpuModes(),
            items.engine(),
            items.modelEngine(),
            items.games()));
  }

  /// Has ten processors, takes four jobs and has no GPU.
  static NodeView node(String id, String state, long gib) {
    return NodeView.newBuilder()
        .setNodeId(id)
        .setState(state)
        .setFacts(
            NodeFacts.newBuilder()
                .setCpuCount(10)
                .setMemoryBytes(gib << 30)
                .setMaxJobs(4)
                .addWorkloads("hex")
                .addCapabilities("selfplay"))
        .build();
  }

  /// The same with a GPU.
  static NodeView gpuNode(String id) {
    var view = node(id, "ALIVE", 64).toBuilder();
    view.getFactsBuilder().addGpus(Gpu.newBuilder().setName("NVIDIA H100"));
    return view.build();
  }

  volatile boolean placementFails;

  /// How often nodes were asked for, and what happens before they are told.
  final AtomicInteger listed = new AtomicInteger();

  volatile Runnable whileListing = () -> {};

  /// Who is known to placement.
  volatile List<NodeView> nodes = List.of(node("n1", "ALIVE", 16));

  private final class Nodes extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      listed.incrementAndGet();
      whileListing.run();
      if (placementFails) {
        throw new Refusal(Reason.INTERNAL, "no nodes");
      }
      observer.onNext(ListNodesResponse.newBuilder().addAllNodes(nodes).build());
      observer.onCompleted();
    }

    /// All have room.
    @Override
    public void rankNodes(RankNodesRequest request, StreamObserver<RankNodesResponse> observer) {
      var answer = RankNodesResponse.newBuilder();
      nodes.forEach(node -> answer.addNodesBuilder().setNodeId(node.getNodeId()).setFeasible(true));
      observer.onNext(answer.build());
      observer.onCompleted();
    }
  }

  /// Loses one answer to SubmitWork after the call was carried out.
  private final class LossyLink implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      boolean submits = call.getMethodDescriptor().getFullMethodName().endsWith("SubmitWork");
      if (submits) {
        onTheWay.run();
      }
      return next.startCall(
          new SimpleForwardingServerCall<A, B>(call) {
            private boolean lost;

            @Override
            public void sendMessage(B message) {
              lost = submits && losesAnAnswer.getAndSet(false);
              if (!lost) {
                super.sendMessage(message);
              }
            }

            @Override
            public void close(Status status, Metadata trailers) {
              super.close(lost ? Status.UNAVAILABLE.withDescription("cut") : status, trailers);
            }
          },
          headers);
    }
  }

  SelfplayManager selfplay() {
    return served.orElseThrow();
  }

  void round(String name, long epoch) {
    LoopSpec loop =
        selfplay().loops().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
    try {
      loop.round().run(Optional.of(new Epoch(epoch)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void populate(long epoch) {
    round("queue_populator", epoch);
  }

  int pending() {
    return queue().getQueueStats(GetQueueStatsRequest.getDefaultInstance()).getPending();
  }

  List<WorkItem> items() {
    return queue().listWork(ListWorkRequest.newBuilder().setPageSize(1000).build()).getItemsList();
  }

  void claimAll() {
    var claimed = queue().claimWork(claim("w").setMaxItems(32).build());
    assertThat(claimed.getItemsCount()).isEqualTo(DEPTH);
  }

  SelfplayServiceGrpc.SelfplayServiceBlockingStub stub() {
    return SelfplayServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  Weight weight(ConfigKey config) {
    return stub().getWeights(GetWeightsRequest.getDefaultInstance()).getWeightsList().stream()
        .filter(w -> w.getConfigKey().equals(config.toString()))
        .findFirst()
        .orElseThrow();
  }
}
