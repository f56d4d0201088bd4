package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The Raft log as managers use it. Any thread; nothing blocks.
final class RaftLedger implements Ledger {
  private final RaftSetup setup;
  private final Publication publication;
  private final Proposals proposals;
  private final Divisions divisions;
  private final ReadPoints reads;

  RaftLedger(RaftSetup setup, Publication publication, Proposals proposals, Divisions divisions) {
    this.setup = setup;
    this.publication = publication;
    this.proposals = proposals;
    this.divisions = divisions;
    this.reads = new ReadPoints(proposals, publication::leadership);
  }

  @Override
  public CompletableFuture<Applied> propose(Epoch epoch, byte[] command) {
    if (command.length > MAX_COMMAND_BYTES) {
      return CompletableFuture.failedFuture(
          Refusal.invalid(
              "command", command.length + " bytes", "at most " + MAX_COMMAND_BYTES + " bytes"));
    }
    Leadership now = publication.leadership();
    if (now.role() != Role.LEADER) {
      return refused(Refusals.notLeader(now, "propose"));
    }
    if (!now.epoch().equals(epoch)) {
      return refused(Refusals.staleEpoch(now, epoch));
    }
    setup.meters().counter("ringrift.ledger.proposals").increment();
    var answer = new CompletableFuture<Applied>();
    var _ =
        proposals
            .offer(RaftEntries.command(epoch, command))
            .whenComplete((placed, failure) -> settle(epoch, answer, placed, failure));
    return answer;
  }

  private void settle(
      Epoch epoch,
      CompletableFuture<Applied> answer,
      Proposals.@Nullable Placed placed,
      @Nullable Throwable failure) {
    if (placed == null) {
      answer.completeExceptionally(Objects.requireNonNull(failure));
    } else if (placed.outcome().hasResult()) {
      answer.complete(
          new Applied(
              new LogPosition(epoch, placed.index()), placed.outcome().getResult().toByteArray()));
    } else {
      answer.completeExceptionally(stale(epoch, placed.outcome().getEpoch()));
    }
  }

  private CompletableFuture<Applied> refused(Refusal refusal) {
    setup.meters().counter("ringrift.ledger.proposals.refused").increment();
    return CompletableFuture.failedFuture(refusal);
  }

  private static Refusal stale(Epoch epoch, long current) {
    return new Refusal(
            Reason.STALE_EPOCH,
            "command of epoch " + epoch + " refused by the log: there the epoch is " + current)
        .with("current_epoch", Long.toString(current));
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return reads.ask();
  }

  @Override
  public LedgerStatus status() {
    var applied = divisions.applied();
    Optional<RaftDivision> open = divisions.current();
    long commit = Math.max(0, open.map(RaftDivision::commitIndex).orElse(0L));
    // A log that is being closed tells no end, and what is committed is in it.
    long end = Math.max(commit, open.map(RaftDivision::logEnd).orElse(0L));
    return new LedgerStatus(
        new LogPosition(applied.epoch(), end),
        commit,
        Math.max(0, applied.index()),
        open.map(RaftDivision::snapshotIndex).orElse(0L),
        applied.stateHash());
  }

  @Override
  public AutoCloseable watch(Consumer<Long> watcher) {
    return publication.watch(watcher);
  }
}
