package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.time.Moment;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommandPipelineTest {
  private final ClusterStore store = new ClusterStore(new MemoryKeyValueStore());
  private final FakeLedger ledger = new FakeLedger(store);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();
  private final StateConfig config =
      new StateConfig(500, 1000, 3, 4096, 20_000, 5, Duration.ofSeconds(10));
  private boolean lease = true;
  private final CommandPipeline pipeline =
      new CommandPipeline(
          store,
          ledger,
          new CommandStamps(
              new LedgerClock(() -> new Moment(nanos.get())),
              InstantSource.fixed(Instant.EPOCH),
              () -> "id" + ids.incrementAndGet(),
              () -> 7,
              config),
          _ -> lease,
          config);

  @BeforeEach
  void lead() {
    ledger.openEpoch(1, "n1");
    pipeline.open(new Epoch(1));
  }

  private static Command addJob() {
    return Command.newBuilder().setAddJob(AddJob.newBuilder()).build();
  }

  private int sizeOf(int proposal) throws IOException {
    return CommandBatch.parseFrom(ledger.proposals.get(proposal)).getCommandsCount();
  }

  @Test
  void whatComesWhileAnEntryIsOnItsWayGoesIntoTheNext() throws IOException {
    for (int i = 0; i < 4; i++) {
      var _ = pipeline.submit(addJob(), 0);
    }
    assertThat(ledger.proposals).hasSize(1);
    ledger.commit();
    assertThat(ledger.proposals).hasSize(2);
    assertThat(sizeOf(0)).isEqualTo(1);
    assertThat(sizeOf(1)).isEqualTo(3);
  }

  @Test
  void anEntryIsBounded() throws IOException {
    for (int i = 0; i < 6; i++) {
      var _ = pipeline.submit(addJob(), 0);
    }
    ledger.commit();
    assertThat(sizeOf(1)).isEqualTo(3);
  }

  @Test
  void moreThanMayWaitIsRefusedAsOverloaded() {
    for (int i = 0; i < 6; i++) {
      var _ = pipeline.submit(addJob(), 0);
    }
    assertThat(pipeline.submit(addJob(), 0))
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(java.util.concurrent.ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.OVERLOADED));
  }

  @Test
  void whatTheStateAlreadyRefusesNeverReachesTheLog() throws Exception {
    var answer =
        pipeline.submit(
            Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId("ghost")).build(), 0);
    assertThat(answer.get().getReason()).isEqualTo("JOB_NOT_FOUND");
    assertThat(ledger.proposals).isEmpty();
  }

  @Test
  void aClaimThatWouldFindNothingNeverReachesTheLog() throws Exception {
    var claim = ClaimWorkRequest.newBuilder().setWorkerId("w").addCapabilities("selfplay");
    var answer =
        pipeline.submit(
            Command.newBuilder().setClaimWork(ClaimWork.newBuilder().setClaim(claim)).build(), 0);
    assertThat(answer.get().getItemsCount()).isZero();
    assertThat(ledger.proposals).isEmpty();
  }

  @Test
  void stampsOfTheCallerAreOverwritten() throws Exception {
    nanos.set(5_000_000_000L);
    var _ = pipeline.submit(addJob().toBuilder().setEpoch(99).setLedgerMillis(77).build(), 0);
    var stamped = CommandBatch.parseFrom(ledger.proposals.getFirst()).getCommands(0);
    assertThat(stamped.getEpoch()).isEqualTo(1);
    assertThat(stamped.getLedgerMillis()).isEqualTo(5000);
    assertThat(stamped.getAddJob().getJobId()).isEqualTo("id1");
    assertThat(stamped.getAddJob().getSpec().getSeed()).isEqualTo(7);
  }

  @Test
  void aRepeatThatGetsOtherIdsIsStillTheSameRequest() throws Exception {
    ledger.immediate = true;
    var asked = addJob().toBuilder().setRequestId("r").build();
    var first = pipeline.submit(asked, 0).get();
    var repeat = pipeline.submit(asked, 0).get();
    assertThat(repeat).isEqualTo(first.toBuilder().setDuplicate(true).build());
  }

  @Test
  void ledgerTimeGoesOnFromWhereTheLastLeaderLeftIt() throws Exception {
    ledger.immediate = true;
    nanos.set(9_000_000_000L);
    assertThat(pipeline.submit(addJob(), 0).get().getReason()).isEmpty();
    pipeline.close();
    nanos.set(50_000_000_000L);
    ledger.openEpoch(2, "n1");
    pipeline.open(new Epoch(2));
    nanos.set(51_000_000_000L);
    assertThat(pipeline.submit(addJob(), 0).get().getReason()).isEmpty();
    assertThat(store.<Long>read(s -> s.clock().ledgerMillis())).isEqualTo(10_000);
  }

  @Test
  void closingRefusesWhatWaits() {
    var answers = new ArrayList<java.util.concurrent.CompletableFuture<?>>();
    answers.add(pipeline.submit(addJob(), 0));
    answers.add(pipeline.submit(addJob(), 0));
    pipeline.close();
    assertThat(answers.get(0)).isNotDone();
    assertThat(answers.get(1)).isCompletedExceptionally();
  }

  @Test
  void whatIsHeldWaitsAndGoesInItsOrderOnceItIsLetGo() throws Exception {
    var before = pipeline.submit(addJob(), 0);
    pipeline.hold();
    var first = pipeline.submit(addJob(), 0);
    var second = pipeline.submit(addJob(), 0);
    ledger.commit();
    assertThat(before).isCompleted();
    assertThat(ledger.proposals).hasSize(1);
    pipeline.resume();
    assertThat(sizeOf(1)).isEqualTo(2);
    ledger.commit();
    assertThat(first.get().getJobs(0).getJobId()).isEqualTo("id2");
    assertThat(second.get().getJobs(0).getJobId()).isEqualTo("id3");
  }

  @Test
  void whatPassesGoesBeforeAllThatIsHeld() throws Exception {
    ledger.immediate = true;
    pipeline.hold();
    var held = pipeline.submit(addJob(), 0);
    var passed = pipeline.pass(addJob(), new Epoch(1));
    assertThat(passed).isCompleted();
    assertThat(held).isNotDone();
    assertThat(ledger.proposals).hasSize(1);
    pipeline.resume();
    assertThat(held.get().getIndex()).isGreaterThan(passed.get().getIndex());
  }

  @Test
  void moreThanMayBeHeldIsRefusedAsOverloaded() {
    pipeline.hold();
    for (int i = 0; i < config.mostWaiting(); i++) {
      assertThat(pipeline.submit(addJob(), 0)).isNotDone();
    }
    isRefused(pipeline.submit(addJob(), 0), Reason.OVERLOADED);
  }

  /// The consensus under a log that ended is taken down, and every connection with it.
  @Test
  void whatIsHeldWhenTheDutiesEndIsRefusedAndTheNextAreNotHeld() throws Exception {
    pipeline.hold();
    var held = pipeline.submit(addJob(), 0);
    pipeline.close();
    isRefused(held, Reason.NOT_LEADER);
    assertThat(ledger.proposals).isEmpty();
    ledger.immediate = true;
    ledger.openEpoch(2, "n1");
    pipeline.open(new Epoch(2));
    assertThat(pipeline.submit(addJob(), 0).get().getReason()).isEmpty();
  }

  @Test
  void aFailureOfTheLedgerReachesEveryCallerOfTheEntry() {
    var answer = pipeline.submit(addJob(), 0);
    ledger.fail(new Refusal(Reason.OUTCOME_UNKNOWN, "leadership lost"));
    assertThat(answer)
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(java.util.concurrent.ExecutionException.class)
        .havingCause()
        .isInstanceOf(Refusal.class);
  }

  private static void isRefused(java.util.concurrent.CompletableFuture<?> answer, Reason reason) {
    assertThat(answer)
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(java.util.concurrent.ExecutionException.class)
        .havingCause()
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  @Test
  void nothingIsAnsweredFromMemoryOnceTheLeaseIsOver() {
    lease = false;
    var cancel = CancelJob.newBuilder().setJobId("ghost");
    isRefused(
        pipeline.submit(Command.newBuilder().setCancelJob(cancel).build(), 0), Reason.NOT_LEADER);
  }

  @Test
  void whatWasDecidedInOneEpochIsRefusedInAnother() {
    pipeline.close();
    ledger.openEpoch(2, "n1");
    pipeline.open(new Epoch(2));
    isRefused(pipeline.submit(addJob(), 1), Reason.STALE_EPOCH);
    assertThat(pipeline.submit(addJob(), 2)).isNotCompletedExceptionally();
    assertThat(ledger.proposals).hasSize(1);
  }

  @Test
  void anEntryStaysWithinItsBytesStampsAndFramesIncluded() {
    var spec = spec(2020);
    for (int i = 0; i < 3; i++) {
      var job = AddJob.newBuilder().setJobId("j" + i).setSpec(spec);
      var _ = pipeline.submit(Command.newBuilder().setAddJob(job).build(), 0);
    }
    ledger.commit();
    assertThat(ledger.proposals).hasSize(2);
    assertThat(ledger.proposals)
        .allSatisfy(
            entry -> assertThat(entry.length).isLessThanOrEqualTo(config.mostBatchedBytes()));
  }

  @Test
  void aWholeBatchFitsIntoTheLedger() {
    assertThat(StateConfig.defaults().mostBatchedBytes()).isLessThan(Ledger.MAX_COMMAND_BYTES);
  }

  @Test
  void theLeaderStampsItsLimitOfBytes() throws Exception {
    ledger.immediate = true;
    String refused = "";
    for (int i = 0; i < 20 && refused.isEmpty(); i++) {
      var job = AddJob.newBuilder().setSpec(spec(2000));
      refused = pipeline.submit(Command.newBuilder().setAddJob(job).build(), 0).get().getReason();
    }
    assertThat(refused).isEqualTo("BACKPRESSURE");
  }

  private static JobSpec.Builder spec(int length) {
    return JobSpec.newBuilder().putParams("p", "x".repeat(length));
  }
}
