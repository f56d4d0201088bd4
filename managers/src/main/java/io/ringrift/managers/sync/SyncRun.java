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
import io.ringrift.managers.sync.TargetRests.Failure;
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
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/// Carries out a plan for the leader of one epoch: asks each target to pull, a few transfers at a
/// time for a target and all targets side by side, and asks again for what failed. The epoch is
/// checked before each order and travels with it. The next manifests, not the answers, prove what
/// arrived.
final class SyncRun {
  /// Tries of a transfer in one run, 1, 2 and 4 s apart. Targets to which copies still fail rest
  /// then (`TargetRests`), so that they hold up no new files for the others.
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

  /// What became of one transfer.
  ///
  /// @param again what may still succeed in this run
  /// @param refused the order failed as a whole
  private record Attempt(
      NodeId target,
      int files,
      long bytes,
      List<FailedFile> failed,
      Optional<CopyPlan.Move> again,
      boolean refused) {
    /// The order took all the time that it was given.
    boolean silent() {
      return refused && failed.getFirst().getReason().equals(Reason.DEADLINE_EXCEEDED.name());
    }
  }

  /// How a run ended.
  ///
  /// @param failures what did not arrive, by target
  record Outcome(RunSyncResponse response, SortedMap<NodeId, Failure> failures) {}

  /// Blocks until everything moved or the tries are used up.
  Outcome execute(Epoch epoch, CopyPlan plan, SyncPlan message) throws InterruptedException {
    return execute(epoch, plan, message, TRIES);
  }

  /// The same with one try of each transfer.
  Outcome once(Epoch epoch, CopyPlan plan) throws InterruptedException {
    return execute(epoch, plan, SyncPlan.getDefaultInstance(), 1);
  }

  private Outcome execute(Epoch epoch, CopyPlan plan, SyncPlan message, int tries)
      throws InterruptedException {
    var result = RunSyncResponse.newBuilder().setPlan(message);
    counters.add(SyncCounters.JOBS_CREATED, plan.moves().size());
    List<CopyPlan.Move> open = plan.moves();
    var all = new ArrayList<Attempt>();
    var lost = new ArrayList<Attempt>();
    Set<NodeId> silent = ConcurrentHashMap.newKeySet();
    Duration delay = FIRST_DELAY;
    for (int attempt = 1; !open.isEmpty(); attempt++) {
      state.set(SyncState.SYNCING);
      var attempts = attemptAll(epoch, open, silent);
      all.addAll(attempts);
      boolean last = attempt == tries || !consensus.leadsNow(epoch);
      open = new ArrayList<>();
      for (var one : attempts) {
        if (!last && one.again().isPresent()) {
          open.add(one.again().get());
        } else if (!one.failed().isEmpty()) {
          lost.add(one);
        }
      }
      if (!open.isEmpty()) {
        state.set(SyncState.RETRY);
        Pace.rest(ticker, ticker.now().plus(delay));
        delay = delay.multipliedBy(2);
      }
    }
    for (var one : all) {
      result.setFilesCompleted(result.getFilesCompleted() + one.files());
      result.setBytesTransferred(result.getBytesTransferred() + one.bytes());
    }
    counters.moved(plan.moves().size() - lost.size(), lost.size());
    counters.add(SyncCounters.BYTES, result.getBytesTransferred());
    return outcome(result, all, lost);
  }

  private static Outcome outcome(
      RunSyncResponse.Builder result, List<Attempt> all, List<Attempt> lost) {
    var failed = lost.stream().flatMap(one -> one.failed().stream()).toList();
    var failures = new TreeMap<NodeId, Failure>();
    lost.stream()
        .collect(Collectors.groupingBy(Attempt::target))
        .forEach(
            (target, ends) ->
                failures.put(
                    target,
                    Failure.of(
                        ends.stream().flatMap(one -> one.failed().stream()).toList(),
                        ends.stream().anyMatch(Attempt::refused),
                        all.stream()
                            .filter(one -> one.target().equals(target))
                            .mapToInt(Attempt::files)
                            .sum())));
    var response =
        result
            .setSuccess(failed.isEmpty())
            .setFilesFailed(failed.size())
            .addAllFailed(failed.subList(0, Math.min(failed.size(), MOST_FAILURES_TOLD)))
            .build();
    return new Outcome(response, failures);
  }

  /// @param silent targets that used up all the time of an order; no more are given to them, or
  ///   each would hold up the others as long
  private List<Attempt> attemptAll(Epoch epoch, List<CopyPlan.Move> moves, Set<NodeId> silent)
      throws InterruptedException {
    var free = new TreeMap<NodeId, Semaphore>();
    moves.forEach(move -> free.computeIfAbsent(move.target(), _ -> new Semaphore(AT_ONCE, true)));
    var asks = new ArrayList<Callable<Attempt>>();
    for (var move : moves) {
      Semaphore turn = Objects.requireNonNull(free.get(move.target()));
      asks.add(() -> inTurn(turn, epoch, move, silent));
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

  private Attempt inTurn(Semaphore turn, Epoch epoch, CopyPlan.Move move, Set<NodeId> silent)
      throws InterruptedException {
    turn.acquire();
    try {
      if (silent.contains(move.target())) {
        return refused(move, unasked(move.target()));
      }
      var attempt = attempt(epoch, move);
      if (attempt.silent()) {
        silent.add(move.target());
      }
      return attempt;
    } finally {
      turn.release();
    }
  }

  private static Refusal unasked(NodeId target) {
    return new Refusal(
        Reason.DEADLINE_EXCEEDED,
        target + " did not end another transfer of this run in time; not ordered");
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
    return new Attempt(
        move.target(),
        response.getFilesCompleted(),
        response.getBytesTransferred(),
        failed,
        again,
        false);
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
    // Who used up all the time of an order is not given as much again while the others wait.
    Optional<CopyPlan.Move> again =
        refusal.reason() == Reason.DEADLINE_EXCEEDED ? Optional.empty() : Optional.of(move);
    return new Attempt(move.target(), 0, 0, failed, again, true);
  }
}
