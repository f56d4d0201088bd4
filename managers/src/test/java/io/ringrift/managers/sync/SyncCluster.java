package io.ringrift.managers.sync;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.ApplyCommandResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Nodes of one process, each with its own data root and SyncPlanner, joined by in-process gRPC.
/// The first one leads until told otherwise.
final class SyncCluster implements AutoCloseable {
  private final Map<NodeId, Node> nodes = new TreeMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ApplyCommandRequest> recorded = new CopyOnWriteArrayList<>();
  private final Ticker system = Ticker.system();
  private volatile Duration ahead = Duration.ZERO;
  private volatile Epoch epoch = new Epoch(1);
  private volatile NodeId leader;
  private final int replicationTarget;
  private final SyncConfig.Receivers receivers;
  private final Duration transferTimeout;

  /// What placement tells of the nodes.
  final List<NodeView> views = new CopyOnWriteArrayList<>();

  /// Placement cannot tell who drains.
  volatile boolean drainsUnknown;

  /// What the cluster knows of training.
  final FakeLearning learning = new FakeLearning();

  SyncCluster(Path folder, String... names) throws IOException {
    this(folder, 0, names);
  }

  private SyncCluster(Path folder, int replicationTarget, String... names) throws IOException {
    this(folder, replicationTarget, SyncConfig.Receivers.upTo(100), names);
  }

  private SyncCluster(
      Path folder, int replicationTarget, SyncConfig.Receivers receivers, String... names)
      throws IOException {
    this(folder, replicationTarget, receivers, Duration.ofMinutes(10), names);
  }

  private SyncCluster(
      Path folder,
      int replicationTarget,
      SyncConfig.Receivers receivers,
      Duration transferTimeout,
      String... names)
      throws IOException {
    this.replicationTarget = replicationTarget;
    this.receivers = receivers;
    this.transferTimeout = transferTimeout;
    leader = new NodeId(names[0]);
    for (String name : names) {
      var node = new Node(new NodeId(name), folder.resolve(name));
      nodes.put(node.id, node);
    }
  }

  static SyncCluster withTarget(Path folder, int replicationTarget, String... names)
      throws IOException {
    return new SyncCluster(folder, replicationTarget, names);
  }

  static SyncCluster withReceivers(
      Path folder, int replicationTarget, SyncConfig.Receivers receivers, String... names)
      throws IOException {
    return new SyncCluster(folder, replicationTarget, receivers, names);
  }

  static SyncCluster withTimeout(Path folder, Duration transferTimeout, String... names)
      throws IOException {
    return new SyncCluster(folder, 0, SyncConfig.Receivers.upTo(100), transferTimeout, names);
  }

  /// Makes a file look older.
  static void age(Path file, Duration by) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
  }

  Node node(String name) {
    Node node = nodes.get(new NodeId(name));
    if (node == null) {
      throw new IllegalArgumentException(name);
    }
    return node;
  }

  /// A run of the leader, to its end.
  RunSyncResponse run() {
    return node(leader.value()).stub().runSync(RunSyncRequest.newBuilder().setWait(true).build());
  }

  /// Moves the office on: a new epoch with another leader.
  void lead(String name) {
    leader = new NodeId(name);
    epoch = epoch.next();
  }

  /// Moves every node's clock on.
  void skip(Duration time) {
    ahead = ahead.plus(time);
  }

  /// Kinds of events recorded in the ledger.
  List<String> events() {
    return recorded.stream().map(one -> one.getCommand().getRecordEvent().getKind()).toList();
  }

  /// Events recorded in the ledger, as they were asked for.
  List<ApplyCommandRequest> recorded() {
    return List.copyOf(recorded);
  }

  @Override
  public void close() {
    nodes.values().forEach(Node::close);
    threads.shutdownNow();
  }

  /// One node.
  final class Node implements Services, Membership {
    final Path root;
    final FenceGate gate = new FenceGate(Epoch.ZERO, _ -> {}, FenceGate.Knowledge.NONE);
    final MemoryDigestCache cache = new MemoryDigestCache();
    final SyncPlanner planner;
    private final NodeId id;
    private final Server server;
    private final ManagedChannel channel;
    private volatile boolean alive = true;
    private volatile boolean hangs;

    /// Orders to pull that came while it hung.
    final AtomicInteger unanswered = new AtomicInteger();

    Node(NodeId id, Path root) throws IOException {
      this.id = id;
      this.root = root;
      var defaults = SyncConfig.defaults(root);
      var config =
          new SyncConfig(
              root,
              Duration.ofSeconds(60),
              Duration.ofSeconds(60),
              defaults.requestTimeout(),
              transferTimeout,
              defaults.idleTimeout(),
              defaults.partialAge(),
              replicationTarget,
              4,
              defaults.caps(),
              receivers,
              SyncConfig.Gc.defaults(),
              new SyncConfig.Ranges(1 << 20, 4, 1 << 16));
      Ticker ticker = () -> system.now().plus(ahead);
      this.planner = new SyncPlanner(this, this, new Office(id), gate, cache, config, ticker);
      String address = InProcessServerBuilder.generateName();
      var builder =
          InProcessServerBuilder.forName(address)
              .executor(threads)
              .intercept(new ErrorMapping())
              .intercept(this::hold);
      for (BindableService service : planner.services()) {
        builder.addService(service);
      }
      this.server =
          builder
              .addService(new RecordedEvents())
              .addService(learning.trainings())
              .addService(new Placement())
              .addService(learning.models())
              .build()
              .start();
      this.channel = InProcessChannelBuilder.forName(address).executor(threads).build();
    }

    SyncServiceGrpc.SyncServiceBlockingStub stub() {
      return SyncServiceGrpc.newBlockingStub(channel);
    }

    void write(String path, byte[] content) throws IOException {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    }

    void die() {
      alive = false;
      server.shutdownNow();
    }

    /// Orders to pull are not answered any more.
    void hang() {
      hangs = true;
    }

    private <Q, A> ServerCall.Listener<Q> hold(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      boolean order = call.getMethodDescriptor().equals(SyncServiceGrpc.getPullFilesMethod());
      if (hangs && order) {
        unanswered.incrementAndGet();
        return new ServerCall.Listener<Q>() {};
      }
      return next.startCall(call, headers);
    }

    /// No call reaches the node, and nobody has noticed yet.
    void cut() {
      server.shutdownNow();
    }

    private Member member() {
      return new Member(
          id,
          new BootId(1),
          new Incarnation(0),
          alive ? MemberState.ALIVE : MemberState.DEAD,
          Optional.of(new Endpoint("127.0.0.1", 7000 + id.value().charAt(0))),
          true,
          false,
          new Moment(0),
          false,
          0);
    }

    @Override
    public NodeId self() {
      return id;
    }

    @Override
    public Channel local() {
      return channel;
    }

    @Override
    public Channel on(NodeId node) {
      return SyncCluster.this.node(node.value()).channel;
    }

    @Override
    public Channel onLeader() {
      return on(leader);
    }

    @Override
    public List<Member> members() {
      return nodes.values().stream().map(Node::member).toList();
    }

    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public void leave() {}

    @Override
    public void close() {
      planner.close();
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /// Who leads, as one node knows it.
  private final class Office implements Consensus {
    private final NodeId id;

    Office(NodeId id) {
      this.id = id;
    }

    @Override
    public Leadership leadership() {
      Role role = id.equals(leader) ? Role.LEADER : Role.FOLLOWER;
      return new Leadership(role, Optional.of(leader), epoch, Moment.MAX);
    }

    @Override
    public boolean leadsNow(Epoch asked) {
      return id.equals(leader) && asked.equals(epoch);
    }

    @Override
    public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public Ledger ledger() {
      throw new UnsupportedOperationException("sync proposes by RPC only");
    }

    @Override
    public List<NodeId> voters() {
      return List.copyOf(nodes.keySet());
    }

    @Override
    public Epoch stepDown(String cause) {
      throw new UnsupportedOperationException(cause);
    }

    @Override
    public NodeId transfer(Optional<NodeId> target) {
      throw new UnsupportedOperationException("transfer");
    }

    @Override
    public void close() {}
  }

  private final class Placement extends PlacementServiceGrpc.PlacementServiceImplBase {
    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
      observer.onNext(
          ListNodesResponse.newBuilder()
              .addAllNodes(views)
              .setDrainsUnknown(drainsUnknown)
              .build());
      observer.onCompleted();
    }
  }

  /// Stands for the replicated state.
  private final class RecordedEvents extends StateServiceGrpc.StateServiceImplBase {
    @Override
    public void applyCommand(
        ApplyCommandRequest request, StreamObserver<ApplyCommandResponse> observer) {
      recorded.add(request);
      observer.onNext(ApplyCommandResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }
}
