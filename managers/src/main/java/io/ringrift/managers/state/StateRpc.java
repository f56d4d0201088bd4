package io.ringrift.managers.state;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.Job;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.NonBlocking;
import io.ringrift.managers.Replies;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.ApplyCommandResponse;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.ApplyCommandsResponse;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadJobsResponse;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.state.v1.ReadMatchesRequest;
import io.ringrift.state.v1.ReadMatchesResponse;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.ReadWorkResponse;
import io.ringrift.state.v1.SaveSnapshotRequest;
import io.ringrift.state.v1.SaveSnapshotResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.TellEstateRequest;
import io.ringrift.state.v1.TellEstateResponse;
import io.ringrift.state.v1.WatchStateRequest;
import io.ringrift.state.v1.WatchStateResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// StateService: commands through the pipeline, reads from the local state.
final class StateRpc extends StateServiceGrpc.StateServiceImplBase implements NonBlocking {
  private static final String APPLY = StateServiceGrpc.getApplyCommandMethod().getFullMethodName();
  private static final String APPLY_ALL =
      StateServiceGrpc.getApplyCommandsMethod().getFullMethodName();

  /// Most open WatchState streams.
  private static final int MOST_WATCHERS = 1024;

  /// Largest request, in bytes, that is handled where its connection is read.
  private static final int MOST_BYTES_AT_ONCE = 16 << 10;

  /// Most commands of one call.
  private static final int MOST_COMMANDS = 1024;

  private final ClusterStore store;
  private final CommandPipeline pipeline;
  private final ReadLevels levels;
  private final CommandStamps stamps;
  private final Supplier<Map<String, Long>> diverged;
  private final EstateFolder estate;
  private final StateConfig config;
  private final StreamSlots<StateWatcher> watchers = new StreamSlots<>(MOST_WATCHERS);

  StateRpc(
      ClusterStore store,
      CommandPipeline pipeline,
      ReadLevels levels,
      CommandStamps stamps,
      Supplier<Map<String, Long>> diverged,
      EstateFolder estate,
      StateConfig config) {
    this.store = store;
    this.pipeline = pipeline;
    this.levels = levels;
    this.stamps = stamps;
    this.diverged = diverged;
    this.estate = estate;
    this.config = config;
    store.watch(applied -> watchers.all().forEach(watcher -> watcher.changed(applied)));
  }

  /// Both ways to put commands through the ledger: no thread waits for their answers.
  @Override
  public boolean nonBlocking(MethodDescriptor<?, ?> method) {
    return method.getFullMethodName().equals(APPLY) || method.getFullMethodName().equals(APPLY_ALL);
  }

  /// Where a handler that only looks into the state runs: where it is, unless there is much to look
  /// at or somebody changes the state just now. Who takes time must not be the one that reads a
  /// connection.
  private Executor place(Message request) {
    return request.getSerializedSize() <= MOST_BYTES_AT_ONCE && store.readable()
        ? Runnable::run
        : handler -> Thread.ofVirtual().name("apply").start(Context.current().wrap(handler));
  }

  @Override
  public void applyCommand(
      ApplyCommandRequest request, StreamObserver<ApplyCommandResponse> observer) {
    Replies.later(
        observer,
        place(request),
        () ->
            levels
                .limited(pipeline.submit(request.getCommand(), request.getFence().getEpoch()))
                .thenApply(StateRpc::answer),
        APPLY);
  }

  private static ApplyCommandResponse answer(CommandResult result) {
    if (!result.getReason().isEmpty()) {
      throw refusal(result);
    }
    return ApplyCommandResponse.newBuilder().setResult(result).build();
  }

  @Override
  public void applyCommands(
      ApplyCommandsRequest request, StreamObserver<ApplyCommandsResponse> observer) {
    if (request.getCommandsCount() < 1 || request.getCommandsCount() > MOST_COMMANDS) {
      throw Refusal.invalid(
          "commands", request.getCommandsCount() + " commands", "1 to " + MOST_COMMANDS);
    }
    Replies.later(observer, place(request), () -> applied(request), APPLY_ALL);
  }

  /// Within one time limit for all; those that are late are told so one by one.
  private CompletableFuture<ApplyCommandsResponse> applied(ApplyCommandsRequest request) {
    var results = pipeline.submitAll(request.getCommandsList(), request.getFence().getEpoch());
    var all = CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new));
    return levels
        .limited(all)
        .handle(
            (_, late) ->
                ApplyCommandsResponse.newBuilder()
                    .addAllResults(results.stream().map(one -> ended(one, late)).toList())
                    .build());
  }

  /// What the ledger refused is told like what the state refused.
  private CommandResult ended(CompletableFuture<CommandResult> one, @Nullable Throwable late) {
    return switch (one.state()) {
      case SUCCESS -> one.resultNow();
      case FAILED -> Decision.refused(levels.refusal(one.exceptionNow())).result();
      case RUNNING, CANCELLED -> Decision.refused(levels.refusal(late)).result();
    };
  }

  static Refusal refusal(CommandResult result) {
    Reason reason =
        Arrays.stream(Reason.values())
            .filter(r -> r.name().equals(result.getReason()))
            .findFirst()
            .orElse(Reason.INTERNAL);
    var refusal = new Refusal(reason, result.getMessage());
    result.getDetailsMap().forEach(refusal::with);
    return refusal;
  }

  @Override
  public void readJobs(ReadJobsRequest request, StreamObserver<ReadJobsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          ClusterStore.At<List<Job>> found =
              levels.read(
                  request.getReadConsistency(),
                  () -> store.readAt(state -> StateQueries.jobs(state, request)));
          return ReadJobsResponse.newBuilder()
              .addAllJobs(found.value())
              .setMeta(levels.meta(found.index()))
              .build();
        });
  }

  @Override
  public void readWork(ReadWorkRequest request, StreamObserver<ReadWorkResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var ledgerMillis = new long[1];
          ClusterStore.At<List<WorkItem>> found =
              levels.read(
                  request.getReadConsistency(),
                  () ->
                      store.readAt(
                          state -> {
                            ledgerMillis[0] = nowMillis(state);
                            return StateQueries.work(state, request, ledgerMillis[0]);
                          }));
          return ReadWorkResponse.newBuilder()
              .addAllItems(found.value())
              .addAllEffectivePriorities(
                  found.value().stream()
                      .map(item -> ReadyIndex.effectivePriority(item, ledgerMillis[0]))
                      .toList())
              .setMeta(levels.meta(found.index()))
              .setLedgerMillis(ledgerMillis[0])
              .build();
        });
  }

  @Override
  public void readMatches(
      ReadMatchesRequest request, StreamObserver<ReadMatchesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found =
              levels.read(
                  request.getReadConsistency(),
                  () -> store.readAt(state -> state.matches().find(request)));
          return ReadMatchesResponse.newBuilder()
              .addAllMatches(found.value())
              .setMeta(levels.meta(found.index()))
              .build();
        });
  }

  @Override
  public void readLearning(
      ReadLearningRequest request, StreamObserver<ReadLearningResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found =
              levels.read(
                  request.getReadConsistency(),
                  () ->
                      store.readAt(
                          state ->
                              state.learning().read(request).setLedgerMillis(nowMillis(state))));
          return found.value().setMeta(levels.meta(found.index())).build();
        });
  }

  /// Ledger time as the leader would stamp it now; elsewhere as of the last entry.
  private long nowMillis(ClusterState state) {
    long applied = state.clock().ledgerMillis();
    return pipeline.epoch().isPresent() ? Math.max(applied, stamps.ledgerMillis()) : applied;
  }

  @Override
  public void getState(GetStateRequest request, StreamObserver<GetStateResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var answer =
              store.readAt(
                  state -> {
                    var counts = GetStateResponse.newBuilder();
                    state
                        .jobs()
                        .counts()
                        .forEach((s, n) -> counts.putJobs(JobLifecycle.name(s), n));
                    state.work().counts().forEach((s, n) -> counts.putWork(workName(s), n));
                    long now = state.clock().ledgerMillis();
                    return counts
                        .addAllDraining(state.drains().nodes())
                        .putAllRemoving(state.drains().removing())
                        .setCompleted24H(state.hours().last24Hours(now))
                        .setLedgerMillis(nowMillis(state))
                        .setEpoch(state.clock().epoch());
                  });
          return answer
              .value()
              .setMeta(levels.meta(answer.index()))
              .setStateHash(store.stateHash())
              .setLog(estate.log())
              .addAllMarks(store.marks())
              .putAllDiverged(diverged.get())
              .setFounded(store.founded())
              .setSwitchId(store.read(state -> state.clock().switchId()))
              .setQueueSoftLimit(config.queueSoftLimit())
              .setQueueHardLimit(config.queueHardLimit())
              .build();
        });
  }

  @Override
  public void tellEstate(TellEstateRequest request, StreamObserver<TellEstateResponse> observer) {
    Replies.unary(
        observer,
        () -> TellEstateResponse.newBuilder().setEstate(estate.tell(request.getLog())).build());
  }

  private static String workName(WorkState state) {
    return WorkLifecycle.name(state);
  }

  @Override
  public void watchState(WatchStateRequest request, StreamObserver<WatchStateResponse> observer) {
    var call = (ServerCallStreamObserver<WatchStateResponse>) observer;
    var watcher = new StateWatcher(call);
    watchers.add(watcher);
    call.setOnCancelHandler(() -> watchers.remove(watcher));
    call.setOnReadyHandler(watcher::wake);
    watcher.changed(new ClusterStore.Applied(store.applied().index(), true, true, true));
  }

  /// Without a stated level the leader's state: a copy for bad days should miss nothing.
  @Override
  public void saveSnapshot(
      SaveSnapshotRequest request, StreamObserver<SaveSnapshotResponse> observer) {
    var call = (ServerCallStreamObserver<SaveSnapshotResponse>) observer;
    if (request.getEstate()) {
      SnapshotFile kept = estate.read().orElseThrow(StateRpc::noEstate);
      new SnapshotSender(call, kept.info(), kept.packed()).start();
      return;
    }
    var level =
        request.getReadConsistency() == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED
            ? ReadConsistency.READ_CONSISTENCY_LINEARIZABLE
            : request.getReadConsistency();
    SnapshotSender.of(call, levels.read(level, store::export), stamps.wallTime()).start();
  }

  private static Refusal noEstate() {
    return Refusal.invalid(
        "estate", "true", "false here: this node brought no state along from another mode");
  }

  /// Ends open streams.
  void close() {
    watchers.all().forEach(StateWatcher::end);
  }
}
