package io.ringrift.managers.state;

import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.Found;
import io.ringrift.state.v1.UpdateClaim;
import java.nio.charset.StandardCharsets;

/// A state driven by hand: a log of one voter without the log.
final class Ledgers {
  final ClusterState state = new ClusterState();
  private long index;
  private long epoch;
  long ledgerMillis = 1000;

  /// How far the leader's wall clock is off.
  long wallAhead;

  Ledgers() {
    lead("n1");
  }

  void lead(String leader) {
    epoch++;
    index++;
    state.openEpoch(new LogPosition(new Epoch(epoch), index), leader);
  }

  long epoch() {
    return epoch;
  }

  CommandResult apply(Command.Builder command) {
    index++;
    return state.apply(
        command
            .setEpoch(epoch)
            .setLedgerMillis(ledgerMillis)
            .setWallMillis(ledgerMillis + wallAhead)
            .build(),
        new LogPosition(new Epoch(epoch), index));
  }

  void addJob(String id) {
    apply(
        Command.newBuilder()
            .setAddJob(
                AddJob.newBuilder()
                    .setJobId(id)
                    .setSpec(JobSpec.newBuilder().setJobType("selfplay"))));
  }

  CommandResult addWork(String id, WorkSpec.Builder spec) {
    return apply(
        Command.newBuilder()
            .setAddWork(
                AddWork.newBuilder()
                    .addWorkIds(id)
                    .addItems(spec)
                    .setHardLimit(100_000)
                    .setSoftLimit(50_000)));
  }

  CommandResult claim(String worker, int most) {
    return apply(
        Command.newBuilder()
            .setClaimWork(
                ClaimWork.newBuilder()
                    .setClaim(
                        ClaimWorkRequest.newBuilder()
                            .setWorkerId(worker)
                            .addCapabilities("selfplay")
                            .setAcceptAnyWorkload(true)
                            .setMaxItems(most))));
  }

  CommandResult update(WorkItem held, UpdateClaim.Builder update) {
    return apply(Command.newBuilder().setUpdateClaim(update.setClaim(ref(held))));
  }

  static ClaimRef.Builder ref(WorkItem held) {
    return ClaimRef.newBuilder()
        .setWorkId(held.getWorkId())
        .setClaimToken(held.getClaimToken())
        .setWorkerId(held.getClaimedBy());
  }

  static WorkSpec.Builder selfplay() {
    return WorkSpec.newBuilder().setWorkType("selfplay");
  }

  static LogEntry open(long epoch, long index, String leader) {
    return new LogEntry(
        new LogPosition(new Epoch(epoch), index),
        LogEntry.Kind.OPEN_EPOCH,
        leader.getBytes(StandardCharsets.UTF_8));
  }

  static LogEntry found(long epoch, long index) {
    var found = Command.newBuilder().setEpoch(epoch).setFound(Found.getDefaultInstance());
    return new LogEntry(
        new LogPosition(new Epoch(epoch), index),
        LogEntry.Kind.COMMAND,
        CommandBatch.newBuilder().addCommands(found).build().toByteArray());
  }
}
