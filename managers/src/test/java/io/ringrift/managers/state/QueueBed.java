package io.ringrift.managers.state;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.CheckJobsRequest;
import io.ringrift.job.v1.CheckJobsResponse;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.managers.queue.QueueConfig;
import io.ringrift.managers.queue.QueueManager;
import io.ringrift.managers.queue.TrainingTerms;
import io.ringrift.managers.rating.RatingManager;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// The queue's and the state's services over gRPC in-process, on a ledger of one voter.
abstract class QueueBed {
  @TempDir private Path folder;

  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  StateManager manager;
  FakeLedger ledger;
  FakeConsensus consensus;
  QueueManager work;
  private Server server;
  ManagedChannel channel;

  /// Who is known beside this node.
  List<Member> members() {
    return List.of(member("n2", MemberState.ALIVE, false));
  }

  static Member member(String id, MemberState state, boolean outboundOnly) {
    return new Member(
        new NodeId(id),
        new BootId(2),
        Incarnation.ZERO,
        state,
        outboundOnly ? Optional.empty() : Optional.of(new Endpoint("127.0.0.1", 8772)),
        true,
        outboundOnly,
        new Moment(0),
        false,
        0);
  }

  Services services() {
    return new LocalServices();
  }

  Membership membership() {
    return new Members();
  }

  /// Where ledger time comes from.
  Ticker ticker() {
    return Ticker.system();
  }

  /// What the queue counts its patience by.
  Ticker queueTicker() {
    return Ticker.system();
  }

  TrainingTerms trainings() {
    return TrainingTerms.defaults();
  }

  VoterHooks voterHooks() {
    return VoterHooks.fixed();
  }

  ModeHooks modeHooks() {
    return ModeHooks.fixed("bully");
  }

  /// The way to a node's services.
  Channel channelTo(NodeId node) {
    return channel;
  }

  /// Serves more than the queue and the state.
  void serve(InProcessServerBuilder builder, Membership membership, Services services) {}

  private final class Members implements Membership {
    @Override
    public List<Member> members() {
      return QueueBed.this.members();
    }

    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public void leave() {}

    @Override
    public void close() {}
  }

  /// Knows the workload `hex`, at most ten games, no board `chess` and no mode `unheard-of`.
  private static final class JobRules extends JobServiceGrpc.JobServiceImplBase {
    @Override
    public void checkJobs(CheckJobsRequest request, StreamObserver<CheckJobsResponse> observer) {
      for (int i = 0; i < request.getSpecsCount(); i++) {
        var spec = request.getSpecs(i);
        String place = Integer.toString(i);
        if (!spec.getWorkload().equals("hex")) {
          throw new Refusal(Reason.WORKLOAD_NOT_FOUND, "no node declares it")
              .with("declared", "hex")
              .with("index", place);
        }
        if (spec.getBoardType().equals("chess")) {
          throw Refusal.invalid("board_type", "chess", "hex5 to hex8").with("index", place);
        }
        if (spec.getEngineMode().equals("unheard-of")) {
          throw Refusal.invalid("engine_mode", "unheard-of", "mcts or nn").with("index", place);
        }
        if (spec.getNumGames() > 10) {
          throw Refusal.invalid("num_games", Integer.toString(spec.getNumGames()), "1 to 10")
              .with("index", place);
        }
      }
      observer.onNext(CheckJobsResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  private final class LocalServices implements Services {
    @Override
    public NodeId self() {
      return new NodeId("n1");
    }

    @Override
    public Channel local() {
      return channel;
    }

    @Override
    public Channel on(NodeId node) {
      return channelTo(node);
    }

    @Override
    public Channel onLeader() {
      return channel;
    }
  }

  @BeforeEach
  void start() throws IOException {
    manager =
        StateManager.open(
            folder,
            new MemoryKeyValueStore(),
            damage -> {
              throw damage;
            },
            StateConfig.defaults(),
            ticker());
    ledger = new FakeLedger(manager.stateMachine());
    ledger.immediate = true;
    consensus = new FakeConsensus(ledger);
    var services = new LocalServices();
    var membership = new Members();
    var gate = new FenceGate(Epoch.ZERO, _ -> {}, FenceGate.Knowledge.NONE);
    manager.attach(consensus, membership, services, modeHooks(), voterHooks(), gate);
    work =
        new QueueManager(
            consensus,
            membership,
            services,
            QueueConfig.defaults(),
            this::trainings,
            queueTicker());
    var builder =
        InProcessServerBuilder.forName(folder.toString())
            .executor(threads)
            .intercept(new ErrorMapping());
    manager.services().forEach(builder::addService);
    work.services().forEach(builder::addService);
    new RatingManager(consensus, membership, services, Ticker.system())
        .services()
        .forEach(builder::addService);
    builder.addService(new JobRules());
    serve(builder, membership, services);
    server = builder.build().start();
    channel = InProcessChannelBuilder.forName(folder.toString()).executor(threads).build();
    manager.begin();
    consensus.lead(1);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    manager.close();
    threads.close();
  }

  QueueServiceGrpc.QueueServiceBlockingStub queue() {
    return QueueServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  static SubmitWorkRequest.Builder one(WorkSpec.Builder spec) {
    return SubmitWorkRequest.newBuilder().addItems(spec);
  }

  WorkItem submit(WorkSpec.Builder spec) {
    return queue().submitWork(one(spec).build()).getItems(0);
  }

  static ClaimWorkRequest.Builder claim(String worker) {
    return ClaimWorkRequest.newBuilder()
        .setWorkerId(worker)
        .addCapabilities("selfplay")
        .setAcceptAnyWorkload(true);
  }

  static Reason reasonOf(Throwable failure) {
    return Errors.fromStatus((StatusRuntimeException) failure).reason();
  }
}
