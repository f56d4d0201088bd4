package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ReportProcessRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.AssignJob;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.CommandResultBatch;
import io.ringrift.state.v1.LoseJobs;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.state.v1.RenewClaims;
import io.ringrift.state.v1.ReportJob;
import io.ringrift.state.v1.RequeueWork;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.UpdateClaim;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterStoreTest {
  private static LogEntry entry(long epoch, long index, Command... commands) {
    return new LogEntry(
        new LogPosition(new Epoch(epoch), index),
        LogEntry.Kind.COMMAND,
        CommandBatch.newBuilder().addAllCommands(Arrays.asList(commands)).build().toByteArray());
  }

  private static Command addJob(String requestId, String body) {
    return Command.newBuilder()
        .setRequestId(requestId)
        .setBodyDigest(ByteString.copyFromUtf8(body))
        .setEpoch(1)
        .setAddJob(AddJob.newBuilder().setJobId("job-" + requestId + "-" + body))
        .build();
  }

  private static CommandResult result(byte[] bytes) throws IOException {
    return CommandResultBatch.parseFrom(bytes).getResults(0);
  }

  /// A log of random commands, most of them sensible, some absurd.
  private static List<LogEntry> randomLog(long seed, int length) {
    var random = new SplittableRandom(seed);
    var log = new ArrayList<LogEntry>();
    long epoch = 0;
    long millis = 0;
    for (int index = 1; index <= length; index++) {
      if (index == 1 || random.nextInt(40) == 0) {
        epoch++;
        log.add(Ledgers.open(epoch, index, "n" + random.nextInt(3)));
        continue;
      }
      millis += random.nextInt(20_000);
      var commands = new Command[1 + random.nextInt(4)];
      for (int i = 0; i < commands.length; i++) {
        long stampedEpoch = random.nextInt(20) == 0 ? random.nextLong() : epoch;
        long stampedMillis = random.nextInt(50) == 0 ? random.nextLong() : millis;
        commands[i] =
            randomCommand(random)
                .setEpoch(stampedEpoch)
                .setLedgerMillis(stampedMillis)
                .setWallMillis(random.nextInt(50) == 0 ? random.nextLong() : millis)
                .build();
      }
      log.add(entry(epoch, index, commands));
    }
    return log;
  }

  private static Command.Builder randomCommand(SplittableRandom random) {
    var command = Command.newBuilder();
    if (random.nextInt(4) == 0) {
      command
          .setRequestId("r" + random.nextInt(30))
          .setBodyDigest(ByteString.copyFromUtf8("b" + random.nextInt(2)));
    }
    String job = "j" + random.nextInt(12);
    String work = "w" + random.nextInt(30);
    String node = "n" + random.nextInt(3);
    long token = random.nextInt(40);
    var ref = ClaimRef.newBuilder().setWorkId(work).setClaimToken(token).setWorkerId(node);
    return switch (random.nextInt(16)) {
      case 0 -> command.setAddJob(AddJob.newBuilder().setJobId(job));
      case 1 -> command.setAssignJob(AssignJob.newBuilder().setJobId(job).setNodeId(node));
      case 2, 3 ->
          command.setReportJob(
              ReportJob.newBuilder()
                  .setReport(
                      ReportProcessRequest.newBuilder()
                          .setJobId(job)
                          .setNodeId(node)
                          .setClaimToken(token)
                          .setStateValue(random.nextInt(12))));
      case 4 -> command.setCancelJob(CancelJob.newBuilder().setJobId(job));
      case 5 -> command.setLoseJobs(LoseJobs.newBuilder().setNodeId(node));
      case 6, 7 ->
          command.setAddWork(
              AddWork.newBuilder()
                  .addWorkIds(work)
                  .addItems(
                      WorkSpec.newBuilder()
                          .setWorkType("t" + random.nextInt(2))
                          .setPriority(random.nextInt(-5, 110))
                          .setMaxAttempts(random.nextInt(-1, 3))
                          .addAllDependsOn(
                              random.nextInt(4) == 0
                                  ? List.of("w" + random.nextInt(30))
                                  : List.of())));
      case 8, 9 ->
          command.setClaimWork(
              ClaimWork.newBuilder()
                  .setClaim(
                      ClaimWorkRequest.newBuilder()
                          .setWorkerId(node)
                          .addCapabilities("t" + random.nextInt(2))
                          .setAcceptAnyWorkload(true)
                          .setMaxItems(random.nextInt(-1, 5))));
      case 10 -> command.setUpdateClaim(UpdateClaim.newBuilder().setClaim(ref).setStarted(true));
      case 11 -> command.setUpdateClaim(UpdateClaim.newBuilder().setClaim(ref).setCompleted("r"));
      case 12 ->
          command.setUpdateClaim(
              UpdateClaim.newBuilder().setClaim(ref).setFailed(FailWorkRequest.newBuilder()));
      case 13 -> command.setRenewClaims(RenewClaims.newBuilder().addClaims(ref));
      case 14 ->
          random.nextBoolean()
              ? command.setCancelWork(CancelWork.newBuilder().setWorkId(work))
              : command.setRequeueWork(RequeueWork.newBuilder().setWorkId(work));
      case 15 ->
          random.nextBoolean()
              ? command.setMaintainQueue(
                  MaintainQueue.newBuilder().setKeepEndedMillis(random.nextInt(100_000)))
              : command.setSetDrain(
                  SetDrain.newBuilder()
                      .setNodeId(node)
                      .setDrain(random.nextBoolean())
                      .setLiftedAfterMillis(random.nextBoolean() ? random.nextInt(20_000) : 0));
      default -> command;
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void equalLogsGiveEqualStatesHoweverTheyAreBatchedAndRestarted(long seed) {
    List<LogEntry> log = randomLog(seed, 400);
    var whole = new ClusterStore(new MemoryKeyValueStore());
    List<byte[]> results = whole.apply(log);

    var disk = new MemoryKeyValueStore();
    var byOne = new ClusterStore(disk);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < log.size(); i++) {
      assertThat(byOne.apply(List.of(log.get(i))).getFirst())
          .as("result %d of seed %d", i, seed)
          .isEqualTo(results.get(i));
      if (random.nextInt(50) == 0) {
        byOne = new ClusterStore(disk);
      }
    }
    assertThat(byOne.stateHash()).as("seed %d", seed).isEqualTo(whole.stateHash());
  }

  @ParameterizedTest
  @ValueSource(longs = {101, 102, 103, 104, 105})
  void aRestoredSnapshotIsTheStateItWasTakenOf(long seed) throws IOException {
    var source = new ClusterStore(new MemoryKeyValueStore());
    source.apply(randomLog(seed, 300));
    var bytes = new ByteArrayOutputStream();
    source.snapshot(bytes);

    var target = new ClusterStore(new MemoryKeyValueStore());
    target.apply(randomLog(seed + 1000, 100));
    target.restore(source.applied(), new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(target.stateHash()).isEqualTo(source.stateHash());
    assertThat(target.applied()).isEqualTo(source.applied());

    var again = new ByteArrayOutputStream();
    target.snapshot(again);
    assertThat(again.toByteArray()).isEqualTo(bytes.toByteArray());
  }

  @Test
  void aSnapshotCutShortIsRefusedBeforeAnythingChanges() throws IOException {
    var source = new ClusterStore(new MemoryKeyValueStore());
    source.apply(randomLog(7, 100));
    var bytes = new ByteArrayOutputStream();
    source.snapshot(bytes);
    var target = new ClusterStore(new MemoryKeyValueStore());
    target.apply(randomLog(8, 50));
    String before = target.stateHash();
    byte[] flipped = bytes.toByteArray();
    flipped[flipped.length - 1] ^= 1;
    assertThatThrownBy(() -> target.restore(source.applied(), new ByteArrayInputStream(flipped)))
        .isInstanceOfAny(Refusal.class, IOException.class);
    assertThat(target.stateHash()).isEqualTo(before);
  }

  @Test
  void unreadableEntriesAreRefusedInTheirResult() throws IOException {
    var store = new ClusterStore(new MemoryKeyValueStore());
    var junk =
        new LogEntry(
            new LogPosition(new Epoch(1), 1), LogEntry.Kind.COMMAND, new byte[] {-1, -1, -1});
    assertThat(result(store.apply(List.of(junk)).getFirst()).getReason())
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(store.applied().index()).isEqualTo(1);
  }

  @Test
  void aRepeatedRequestGetsItsFirstResultEvenAfterARestart() throws IOException {
    var disk = new MemoryKeyValueStore();
    var first =
        result(new ClusterStore(disk).apply(List.of(entry(1, 1, addJob("r", "a")))).getFirst());
    var repeat =
        result(new ClusterStore(disk).apply(List.of(entry(1, 2, addJob("r", "a")))).getFirst());
    assertThat(repeat).isEqualTo(first.toBuilder().setDuplicate(true).build());
  }

  @Test
  void aRequestIdWithAnotherBodyIsRefused() throws IOException {
    var store = new ClusterStore(new MemoryKeyValueStore());
    store.apply(List.of(entry(1, 1, addJob("r", "a"))));
    assertThat(result(store.apply(List.of(entry(1, 2, addJob("r", "b")))).getFirst()).getReason())
        .isEqualTo("REQUEST_ID_REUSED");
    assertThat(
            store.<Integer>read(s -> s.jobs().counts().getOrDefault(JobState.JOB_STATE_PENDING, 0)))
        .isEqualTo(1);
  }

  @Test
  void aCommandOfAnEarlierEpochIsRefusedByTheState() throws IOException {
    var store = new ClusterStore(new MemoryKeyValueStore());
    store.apply(List.of(Ledgers.open(2, 1, "n2")));
    assertThat(result(store.apply(List.of(entry(2, 2, addJob("r", "a")))).getFirst()).getReason())
        .isEqualTo("STALE_EPOCH");
  }

  @Test
  void aReadAfterARestartKnowsItsIndex() {
    var disk = new MemoryKeyValueStore();
    new ClusterStore(disk).apply(List.of(entry(1, 7, addJob("r", "a"))));
    assertThat(new ClusterStore(disk).readAt(s -> s.jobs().unended()))
        .isEqualTo(new ClusterStore.At<>(1, 7));
  }

  @Test
  void oneBatchIsOneWrite() {
    var disk = new MemoryKeyValueStore();
    new ClusterStore(disk).apply(randomLog(3, 50));
    assertThat(disk.writes).isEqualTo(1);
  }

  @Test
  void requestIdsAreBounded() {
    var store = new ClusterStore(new MemoryKeyValueStore());
    for (int i = 1; i <= RequestTable.MOST_REQUESTS + 50; i++) {
      store.apply(List.of(entry(1, i, addJob("r" + i, "a"))));
    }
    assertThat(store.<Integer>read(s -> s.requests().size())).isEqualTo(RequestTable.MOST_REQUESTS);
    assertThat(store.<Integer>read(s -> s.events().size())).isEqualTo(EventRing.MOST_EVENTS);
  }

  @Test
  void onlyDroppedAdditionsWithARequestIdAreOfferedAgain() {
    var store = new ClusterStore(new MemoryKeyValueStore());
    var again = new ArrayList<Command>();
    store.onDropped(again::addAll);
    Command own = Command.newBuilder().setMaintainQueue(MaintainQueue.newBuilder()).build();
    Command undone =
        Command.newBuilder()
            .setRequestId("d")
            .setSetDrain(SetDrain.newBuilder().setNodeId("n2").setDrain(true))
            .build();
    store.dropped(List.of(entry(1, 1, addJob("r", "a"), own, undone)));
    assertThat(again).containsExactly(addJob("r", "a"));
  }
}
