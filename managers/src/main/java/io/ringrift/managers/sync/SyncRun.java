package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.PullFilesResponse;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncPlan;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/// Carries out a plan for the leader of one epoch: asks each target to pull, a few transfers at a
/// time for a target and all targets side by side, and asks again for what failed. The epoch is
/// checked before each order and travels with it. The next manifests, not the answers, prove what
/// arrived.
final class SyncRun {
  /// Tries of a transfer in one run, 1, 2 and 4 s apart. What still fails is planned anew by the
  /// next rounds, so that one broken target holds up no new files for the others.
  private static final int TRIES = 4;

  private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
  private static final int MOST_FAILURES_TOLD = 1000;

  /// Transfers that one target is asked for at once: while one waits for the disk, another
  /// receives.
  private static final int AT_ONCE = 4;

  private final Services services;
  private final Consensus consensus;
  private final SyncConfig config;
  private final SyncCounters counters;
  private final AtomicReference<SyncState> state;
  private final Ticker ticker;

  SyncRun(
      Services services,
      Consensus consensus,
      SyncConfig config,
      SyncCounters counters,
      AtomicReference<SyncState> state,
      Ticker ticker) {
    this.services = services;
    this.consensus = consensus;
    this.config = config;
    this.counters = counters;
    this.state = state;
    this.ticker = ticker;
  }

  /// What became of one transfer: `again` is what may still succeed.
  private record Attempt(
      int files, long bytes, List<FailedFile> failed, Optional<CopyPlan.Move> again) {}

  /// Blocks until everything moved or the tries are used up.
  RunSyncResponse execute(Epoch epoch, CopyPlan plan, SyncPlan message)
      throws InterruptedException {
    var result = RunSyncResponse.newBuilder().setPlan(message);
    counters.add(SyncCounters.JOBS_CREATED, plan.moves().size());
    List<CopyPlan.Move> open = plan.moves();
    var failed = new ArrayList<FailedFile>();
    Duration delay = FIRST_DELAY;
    for (int attempt = 1; !open.isEmpty(); attempt++) {
      state.set(SyncState.SYNCING);
      var attempts = attemptAll(epoch, open);
      failed.clear();
      open = new ArrayList<>();
      for (var one : attempts) {
        result.setFilesCompleted(result.getFilesCompleted() + one.files());
        result.setBytesTransferred(result.getBytesTransferred() + one.bytes());
        failed.addAll(one.failed());
        one.again().ifPresent(open::add);
      }
      if (open.isEmpty() || attempt == TRIES || !consensus.leadsNow(epoch)) {
        break;
      }
      state.set(SyncState.RETRY);
      Pace.rest(ticker, ticker.now().plus(delay));
      delay = delay.multipliedBy(2);
    }
    counters.moved(plan.moves().size() - open.size(), open.size());
    counters.add(SyncCounters.BYTES, result.getBytesTransferred());
    return result
        .setSuccess(failed.isEmpty())
        .setFilesFailed(failed.size())
        .addAllFailed(failed.subList(0, Math.min(failed.size(), MOST_FAILURES_TOLD)))
        .build();
  }

  private List<Attempt> attemptAll(Epoch epoch, List<CopyPlan.Move> moves)
      throws InterruptedException {
    var free = new TreeMap<NodeId, Semaphore>();
    moves.forEach(move -> free.computeIfAbsent(move.target(), _ -> new Semaphore(AT_ONCE, true)));
    var asks = new ArrayList<Callable<Attempt>>();
    for (var move : moves) {
      Semaphore turn = Objects.requireNonNull(free.get(move.target()));
      asks.add(() -> inTurn(turn, epoch, move));
    }
    var attempts = new ArrayList<Attempt>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var ask : threads.invokeAll(asks)) {
        attempts.add(ask.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a transfer failed in no known way", e.getCause());
    }
    return attempts;
  }

  private Attempt inTurn(Semaphore turn, Epoch epoch, CopyPlan.Move move)
      throws InterruptedException {
    turn.acquire();
    try {
      return attempt(epoch, move);
    } finally {
      turn.release();
    }
  }

  private Attempt attempt(Epoch epoch, CopyPlan.Move move) {
    if (!consensus.leadsNow(epoch)) {
      var refusal =
          new Refusal(Reason.NOT_LEADER, "no longer leading in epoch " + epoch + "; not ordered");
      return refused(move, refusal);
    }
    try {
      var response =
          SyncServiceGrpc.newBlockingStub(services.on(move.target()))
              .withDeadlineAfter(config.transferTimeout())
              .pullFiles(request(epoch, move));
      return answered(move, response);
    } catch (StatusRuntimeException e) {
      return refused(move, Errors.fromStatus(e));
    } catch (Refusal refusal) {
      return refused(move, refusal);
    }
  }

  private PullFilesRequest request(Epoch epoch, CopyPlan.Move move) {
    return PullFilesRequest.newBuilder()
        .setSourceNodeId(move.source().value())
        .addAllFiles(move.files().stream().map(Content::path).toList())
        .addAllExpected(move.files().stream().map(PlanMessages::entry).toList())
        .addAllAlternateNodeIds(move.alternates().stream().limit(10).map(NodeId::value).toList())
        .setFence(
            io.ringrift.common.v1.Fence.newBuilder()
                .setEpoch(epoch.value())
                .setLeaderId(services.self().value()))
        .build();
  }

  private static Attempt answered(CopyPlan.Move move, PullFilesResponse response) {
    var failed = response.getFailedList();
    var paths = failed.stream().map(FailedFile::getPath).toList();
    var rest = move.files().stream().filter(file -> paths.contains(file.path())).toList();
    Optional<CopyPlan.Move> again =
        rest.isEmpty()
            ? Optional.empty()
            : Optional.of(new CopyPlan.Move(move.source(), move.target(), rest, move.alternates()));
    return new Attempt(response.getFilesCompleted(), response.getBytesTransferred(), failed, again);
  }

  private static Attempt refused(CopyPlan.Move move, Refusal refusal) {
    var failed =
        move.files().stream()
            .map(
                file ->
                    FailedFile.newBuilder()
                        .setPath(file.path())
                        .setSourceNodeId(move.source().value())
                        .setTargetNodeId(move.target().value())
                        .setReason(refusal.reason().name())
                        .setDetail(refusal.text())
                        .build())
            .toList();
    return new Attempt(0, 0, failed, Optional.of(move));
  }
}
