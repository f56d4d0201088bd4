package io.ringrift.managers.state;

import com.google.protobuf.Duration;
import io.grpc.Context;
import io.grpc.Deadline;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.common.v1.ReadMeta;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LeaderHint;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes a read as fresh as it was asked for, and tells how fresh it was. Blocks its caller for a
/// barrier at most as long as the call's deadline.
final class ReadLevels {
  private final boolean replica;
  private final BooleanSupplier founded;
  private final Consensus consensus;
  private final Membership membership;
  private final LeaderHint hint;
  private final Ticker ticker;
  private final java.time.Duration defaultDeadline;
  private final Moment started;

  /// @param replica whether this node has a copy of the state that follows the log
  /// @param founded whether that state has begun: before, a leader has nothing to tell
  ReadLevels(
      boolean replica,
      BooleanSupplier founded,
      Consensus consensus,
      Membership membership,
      Ticker ticker,
      java.time.Duration defaultDeadline) {
    this.replica = replica;
    this.founded = founded;
    this.consensus = consensus;
    this.membership = membership;
    this.hint = new LeaderHint(consensus, membership);
    this.ticker = ticker;
    this.defaultDeadline = defaultDeadline;
    this.started = ticker.now();
  }

  /// Reads the local state once it may be read at this level. A pause between asking for the lease
  /// and reading could outlast the lease, so the lease is asked for again after the read.
  ///
  /// Without a stated level this node answers what it knows, and `meta` tells how old that is.
  ///
  /// @throws Refusal NOT_LEADER, NO_QUORUM or DEADLINE_EXCEEDED
  <T> T read(ReadConsistency level, Supplier<T> question) {
    return switch (level) {
      case READ_CONSISTENCY_LINEARIZABLE -> {
        Epoch epoch = requireLeader();
        await(consensus.ledger().barrier());
        yield readIn(epoch, question);
      }
      case READ_CONSISTENCY_LEADER -> readIn(requireLeader(), question);
      case READ_CONSISTENCY_UNSPECIFIED -> {
        if (!replica) {
          throw hint.notLeader();
        }
        yield question.get();
      }
      case READ_CONSISTENCY_STALE -> question.get();
      case UNRECOGNIZED ->
          throw Refusal.invalid("read_consistency", "unknown", "LINEARIZABLE, LEADER or STALE");
    };
  }

  private Epoch requireLeader() {
    Epoch epoch = hint.requireLeader();
    if (!founded.getAsBoolean()) {
      throw hint.notLeader();
    }
    return epoch;
  }

  private <T> T readIn(Epoch epoch, Supplier<T> question) {
    T answer = question.get();
    if (!consensus.leadsNow(epoch)) {
      throw hint.notLeader();
    }
    return answer;
  }

  /// Waits for a future of the ledger within the call's deadline, 10 s without one.
  <T> T await(CompletableFuture<T> future) {
    long millis = patience();
    try {
      return future.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw late(millis);
    } catch (ExecutionException | CancellationException e) {
      throw refusal(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted", e);
    }
  }

  /// As `await`, without a thread that waits: the future ends within the same time, and fails with
  /// the same refusals.
  <T> CompletableFuture<T> limited(CompletableFuture<T> future) {
    long millis = patience();
    return future
        .orTimeout(millis, TimeUnit.MILLISECONDS)
        .handle(
            (value, failure) -> {
              if (failure == null) {
                return value;
              }
              throw failure instanceof TimeoutException ? late(millis) : refusal(failure);
            });
  }

  private long patience() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? defaultDeadline.toMillis()
        : Math.max(1, deadline.timeRemaining(TimeUnit.MILLISECONDS));
  }

  private static Refusal late(long millis) {
    return new Refusal(
        Reason.OUTCOME_UNKNOWN,
        "no answer from the ledger within "
            + millis
            + " ms; repeat the call with the same request_id to learn what became of it");
  }

  /// What a caller is told when a future of the ledger failed.
  Refusal refusal(@Nullable Throwable failure) {
    return switch (failure) {
      case ExecutionException around -> refusal(around.getCause());
      case CompletionException around -> refusal(around.getCause());
      case CancellationException e -> new Refusal(Reason.SHUTTING_DOWN, "the node is stopping", e);
      case Refusal refusal -> refusal.reason() == Reason.NOT_LEADER ? hint.notLeader() : refusal;
      case null, default -> throw new IllegalStateException("the ledger failed", failure);
    };
  }

  /// How fresh a state of this index is.
  ReadMeta meta(long appliedIndex) {
    Leadership now = consensus.leadership();
    var age = lastContact(now);
    return ReadMeta.newBuilder()
        .setAppliedIndex(appliedIndex)
        .setLeaderId(now.leader().map(NodeId::value).orElse(""))
        .setLastContact(
            Duration.newBuilder().setSeconds(age.toSeconds()).setNanos(age.toNanosPart()))
        .build();
  }

  private java.time.Duration lastContact(Leadership now) {
    if (now.role() == Role.LEADER && consensus.leadsNow(now.epoch())) {
      return java.time.Duration.ZERO;
    }
    Moment heard =
        now.leader()
            .flatMap(membership::member)
            .map(member -> member.lastContact().max(started))
            .orElse(started);
    var age = ticker.now().since(heard);
    return age.isNegative() ? java.time.Duration.ZERO : age;
  }
}
