package io.ringrift.managers.state;

import com.google.protobuf.Duration;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.RenewClaims;
import io.ringrift.state.v1.UpdateClaim;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What workers do to work items: claim, start, renew, complete, fail, release (SPEC 1.5, 7.3). An
/// item keeps its token after its end, so that a repeated final report is recognised.
@Pure
final class ClaimActions {
  /// Most items of one claim.
  static final int MOST_CLAIMED = 32;

  /// Largest result in bytes.
  static final int MOST_RESULT_BYTES = 64 * 1024;

  /// Largest output in bytes.
  static final int MOST_OUTPUT_BYTES = 8 * 1024;

  private static final int MOST_ERROR_CHARS = 4096;
  private static final long LEASE_MILLIS = 60_000;
  private static final long TIMEOUT_MILLIS = 3_600_000;
  private static final long LONGEST_MILLIS = 30L * 86_400_000;

  private final WorkTable work;
  private final DrainSet drains;
  private final StateClock clock;
  private final WorkMoves moves;

  ClaimActions(WorkTable work, DrainSet drains, StateClock clock, WorkMoves moves) {
    this.work = work;
    this.drains = drains;
    this.clock = clock;
    this.moves = moves;
  }

  Decision claim(ClaimWork command, long epoch, long ledgerMillis) {
    ClaimWorkRequest claim = command.getClaim();
    if (claim.getWorkerId().isEmpty() || claim.getWorkerId().length() > 63) {
      return Decision.invalid("worker_id", claim.getWorkerId(), "1 to 63 characters");
    }
    if (drains.contains(claim.getWorkerId())) {
      return new Decision.Nothing(CommandResult.getDefaultInstance());
    }
    List<WorkItem> picked = pick(work.ready(), claim, ledgerMillis, item -> allowed(command, item));
    if (picked.isEmpty()) {
      return new Decision.Nothing(CommandResult.getDefaultInstance());
    }
    return new Decision.Change(
        () -> {
          var result = CommandResult.newBuilder();
          for (WorkItem item : picked) {
            if (grant(item, claim.getWorkerId(), epoch) instanceof Decision.Change(var effect)) {
              result.addAllItems(effect.get().getItemsList());
            }
          }
          return result.build();
        });
  }

  private static boolean allowed(ClaimWork command, WorkItem item) {
    return command.getTrainingId().isEmpty()
        || !item.getSpec().getWorkType().equals("training")
        || item.getWorkId().equals(command.getTrainingId());
  }

  /// What a claim gets of the ready, unless its worker is drained.
  ///
  /// @param allowed of these only
  static List<WorkItem> pick(
      ReadyIndex ready, ClaimWorkRequest claim, long ledgerMillis, Predicate<WorkItem> allowed) {
    var asker =
        new ReadyIndex.Asker(
            claim.getWorkerId(),
            claim.getCapabilitiesList(),
            Math.max(0, claim.getFreeGpus()),
            claim.getMemoryBytes(),
            claim.getWorkloadsList(),
            claim.getAcceptAnyWorkload());
    return ready.pick(
        asker, Math.clamp(claim.getMaxItems(), 1, MOST_CLAIMED), ledgerMillis, allowed);
  }

  private Decision grant(WorkItem item, String worker, long epoch) {
    return moves.move(
        item,
        WorkState.WORK_STATE_CLAIMED,
        "WORK_CLAIMED",
        b ->
            b.setClaimedBy(worker)
                .setAttempts(item.getAttempts() + 1)
                .setClaimToken(clock.nextClaimToken())
                .setClaimEpoch(epoch)
                .setClaimTime(clock.wallTime())
                .clearStartTime()
                .setLeaseEndLedgerMillis(clock.ledgerMillis() + lease(item.getSpec()))
                .setAttemptEndLedgerMillis(clock.ledgerMillis() + timeout(item.getSpec())));
  }

  Decision update(UpdateClaim command) {
    WorkItem item = work.get(command.getClaim().getWorkId());
    if (item == null) {
      return WorkMoves.notFound(command.getClaim().getWorkId());
    }
    if (!named(item, command.getClaim())) {
      return stale(item);
    }
    return switch (command.getUpdateCase()) {
      case STARTED -> start(item);
      case COMPLETED -> complete(item, command);
      case FAILED -> fail(item, command.getFailed());
      case RELEASED -> release(item, command.getReleased());
      case REFUSED -> refuse(item, command.getRefused());
      case UPDATE_NOT_SET ->
          Decision.invalid("update", "", "started, completed, failed, released or refused");
    };
  }

  private Decision start(WorkItem item) {
    if (item.getState() == WorkState.WORK_STATE_RUNNING) {
      return new Decision.Settled(WorkMoves.result(item));
    }
    return moves.move(
        item, WorkState.WORK_STATE_RUNNING, "WORK_STARTED", b -> b.setStartTime(clock.wallTime()));
  }

  private Decision complete(WorkItem item, UpdateClaim command) {
    String result = command.getCompleted();
    String output = command.getOutput();
    if (result.length() > MOST_RESULT_BYTES) {
      return Decision.invalid(
          "result", result.length() + " characters", "at most " + MOST_RESULT_BYTES + " bytes");
    }
    int bytes = command.getOutputBytes().size();
    if (bytes > MOST_OUTPUT_BYTES) {
      return Decision.invalid(
          "output", bytes + " bytes", "at most " + MOST_OUTPUT_BYTES + " bytes");
    }
    if (item.getState() == WorkState.WORK_STATE_COMPLETED
        && item.getResult().equals(result)
        && item.getOutput().equals(output)) {
      return new Decision.Settled(WorkMoves.result(item));
    }
    return moves.move(
        item,
        WorkState.WORK_STATE_COMPLETED,
        "WORK_COMPLETED",
        b -> b.setResult(result).setOutput(output).clearError());
  }

  private Decision fail(WorkItem item, FailWorkRequest failure) {
    String error = WorkMoves.cut(failure.getError(), MOST_ERROR_CHARS);
    if (item.getState() == WorkState.WORK_STATE_FAILED && item.getError().equals(error)) {
      return new Decision.Settled(WorkMoves.result(item));
    }
    if (failure.getPermanent() || item.getAttempts() >= WorkMoves.mostAttempts(item)) {
      return moves.move(item, WorkState.WORK_STATE_FAILED, "WORK_FAILED", b -> b.setError(error));
    }
    return backToQueue(item, "WORK_RETRY", item.getAttempts(), error);
  }

  private Decision release(WorkItem item, String cause) {
    return backToQueue(
        item,
        "WORK_RELEASED",
        Math.max(0, item.getAttempts() - 1),
        WorkMoves.cut(cause, MOST_ERROR_CHARS));
  }

  /// The worker's own fault: the attempt does not count, and others come first for a while.
  private Decision refuse(WorkItem item, String cause) {
    if (!WorkLifecycle.held(item.getState())) {
      return WorkMoves.illegal(item, WorkState.WORK_STATE_PENDING);
    }
    String worker = item.getClaimedBy();
    String error = WorkMoves.cut(worker + ": " + cause, MOST_ERROR_CHARS);
    var refusals = WorkRefusals.with(item, worker, cause, clock.ledgerMillis());
    if (WorkRefusals.enough(refusals)) {
      return moves.move(
          item,
          WorkState.WORK_STATE_FAILED,
          "WORK_FAILED",
          b -> b.setError(error).clearRefusals().addAllRefusals(refusals));
    }
    return moves.move(
        item,
        WorkState.WORK_STATE_PENDING,
        "WORK_RELEASED",
        b ->
            WorkMoves.unclaimed(b)
                .setAttempts(Math.max(0, item.getAttempts() - 1))
                .setError(error)
                .clearRefusals()
                .addAllRefusals(refusals));
  }

  private Decision backToQueue(WorkItem item, String kind, int attempts, String error) {
    if (!WorkLifecycle.held(item.getState())) {
      return WorkMoves.illegal(item, WorkState.WORK_STATE_PENDING);
    }
    return moves.move(
        item,
        WorkState.WORK_STATE_PENDING,
        kind,
        b -> WorkMoves.unclaimed(b).setAttempts(attempts).setError(error));
  }

  Decision renew(RenewClaims command) {
    var valid =
        command.getClaimsList().stream()
            .filter(claim -> holds(work.get(claim.getWorkId()), claim))
            .map(ClaimRef::getWorkId)
            .distinct()
            .toList();
    var result = CommandResult.newBuilder();
    command.getClaimsList().stream()
        .map(ClaimRef::getWorkId)
        .filter(id -> !valid.contains(id))
        .forEach(result::addLost);
    if (valid.isEmpty()) {
      return new Decision.Settled(result.build());
    }
    return new Decision.Change(
        () -> {
          for (String id : valid) {
            WorkItem item = work.get(id);
            if (item != null) {
              result.addItems(freshLease(item));
            }
          }
          return result.build();
        });
  }

  /// A new leader's clock says nothing about the time without a leader, in which workers could not
  /// renew: every held claim gets a whole lease from the first moment of the new epoch.
  void restartLeases() {
    work.held().forEach(this::freshLease);
  }

  private WorkItem freshLease(WorkItem item) {
    var renewed =
        item.toBuilder()
            .setLeaseEndLedgerMillis(clock.ledgerMillis() + lease(item.getSpec()))
            .build();
    work.put(renewed);
    return renewed;
  }

  private static boolean named(WorkItem item, ClaimRef claim) {
    return claim.getClaimToken() != 0
        && item.getClaimToken() == claim.getClaimToken()
        && item.getClaimedBy().equals(claim.getWorkerId());
  }

  private static boolean holds(@Nullable WorkItem item, ClaimRef claim) {
    return item != null && named(item, claim) && WorkLifecycle.held(item.getState());
  }

  private static Decision stale(WorkItem item) {
    return Decision.refused(
        Reason.STALE_CLAIM,
        "work item "
            + item.getWorkId()
            + " is "
            + WorkLifecycle.name(item.getState())
            + " and the claim named does not hold it; stop working on it");
  }

  private static long lease(WorkSpec spec) {
    return millis(spec.hasClaimLease(), spec.getClaimLease(), LEASE_MILLIS);
  }

  private static long timeout(WorkSpec spec) {
    return millis(spec.hasTimeout(), spec.getTimeout(), TIMEOUT_MILLIS);
  }

  private static long millis(boolean given, Duration duration, long otherwise) {
    if (!given || duration.getSeconds() < 0 || duration.getNanos() < 0) {
      return otherwise;
    }
    long seconds = Math.min(duration.getSeconds(), LONGEST_MILLIS / 1000);
    long millis = seconds * 1000 + Math.min(duration.getNanos(), 999_999_999) / 1_000_000;
    return millis == 0 ? otherwise : Math.min(millis, LONGEST_MILLIS);
  }
}
