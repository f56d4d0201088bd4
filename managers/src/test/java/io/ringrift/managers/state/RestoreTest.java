package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.ringrift.job.v1.Job;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.CommandResultBatch;
import io.ringrift.state.v1.EndVoterChange;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.SaveSnapshotResponse;
import io.ringrift.state.v1.SnapshotInfo;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreTest {
  private static final long EPOCH = 3;

  @TempDir private Path folder;

  private final MemoryKeyValueStore disk = new MemoryKeyValueStore();
  private final ClusterStore store = new ClusterStore(disk);
  private long index;
  private long epoch = EPOCH;

  @BeforeEach
  void lead() {
    store.apply(List.of(Ledgers.open(EPOCH, ++index, "n1"), Ledgers.found(EPOCH, ++index)));
  }

  @Test
  void ordersOfBeforeARestoreAreOfAnOldEpoch() throws IOException {
    SnapshotFile.read(save(store)).restore("r1").forEach(this::apply);
    assertThat(store.greatestEpoch()).isEqualTo(new Epoch(EPOCH + 1));
  }

  /// Whatever the new log's leader was elected in, its epoch is the former log's no more.
  @ParameterizedTest
  @CsvSource({"2, 4", "3, 4", "4, 4", "5, 5"})
  void foundedStateHasAnEpochThatTheFormerLogNeverHad(long elected, long after) throws IOException {
    var fresh = new ClusterStore(new MemoryKeyValueStore());
    fresh.apply(List.of(Ledgers.open(elected, 1, "n1")));
    long at = 2;
    for (Command command : SnapshotFile.read(save(store)).restore("carry-over")) {
      apply(fresh, entry(at++, command));
    }
    assertThat(fresh.greatestEpoch()).isEqualTo(new Epoch(after));
  }

  /// So that a large state that is restored or copied is not taken for one that hangs.
  @Test
  void restoreAndCopyAreToldAsWorkOnTheWholeState() throws IOException {
    var busy = new ArrayList<Boolean>();
    disk.touched = () -> busy.add(store.busyWithAll());
    apply(addJob("kept"));
    assertThat(busy).containsOnly(false);
    busy.clear();
    Path saved = save(store);
    assertThat(busy).containsOnly(true);
    assertThat(store.busyWithAll()).isFalse();
    SnapshotFile.read(saved).restore("r1").forEach(this::apply);
    assertThat(busy).last().isEqualTo(true);
    assertThat(store.busyWithAll()).isFalse();
  }

  private static void decideVoters(Consumer<Command> log, String... names) {
    var list = VoterList.newBuilder();
    for (String name : names) {
      list.addVoters(
          VoterEntry.newBuilder()
              .setNodeId(name)
              .setHost("127.0.0.1")
              .setPort(8770)
              .setRaftPort(4321)
              .setSwimPort(7947));
    }
    log.accept(
        Command.newBuilder()
            .setBeginVoterChange(BeginVoterChange.newBuilder().setChangeId("c").setVoters(list))
            .build());
    log.accept(
        Command.newBuilder()
            .setEndVoterChange(EndVoterChange.newBuilder().setChangeId("c"))
            .build());
  }

  private static List<String> voters(ClusterStore of) {
    return of.read(
        state ->
            state.clock().voters().getDecided().getVotersList().stream()
                .map(VoterEntry::getNodeId)
                .toList());
  }

  @Test
  void restoredStateLeavesTheVotersAsTheyAre() throws IOException {
    Path before = save(store);
    decideVoters(this::apply, "n1", "n2");
    SnapshotFile.read(before).restore("r1").forEach(this::apply);
    assertThat(voters(store)).containsExactly("n1", "n2");
  }

  @Test
  void anotherClustersVotersAreNotRestored() throws IOException {
    decideVoters(this::apply, "n1", "n2");
    var other = new ClusterStore(new MemoryKeyValueStore());
    other.apply(List.of(Ledgers.open(EPOCH, 1, "n1"), Ledgers.found(EPOCH, 2)));
    long at = 3;
    for (Command command : SnapshotFile.read(save(store)).restore("r1")) {
      apply(other, entry(at++, command));
    }
    assertThat(voters(other)).isEmpty();
  }

  @Test
  void votersGoAlongToTheLogOfAnotherMode() throws IOException {
    decideVoters(this::apply, "n1", "n2");
    var fresh = new ClusterStore(new MemoryKeyValueStore());
    fresh.apply(List.of(Ledgers.open(EPOCH, 1, "n1")));
    long at = 2;
    for (Command command : SnapshotFile.read(save(store)).restore("carry-over")) {
      apply(fresh, entry(at++, command));
    }
    assertThat(voters(fresh)).containsExactly("n1", "n2");
  }

  @Test
  void stateThatBeginsWithWhatWasBroughtAlongIsFounded() throws IOException {
    apply(addJob("kept"));
    var fresh = new ClusterStore(new MemoryKeyValueStore());
    fresh.apply(List.of(Ledgers.open(EPOCH, 1, "n1")));
    assertThat(fresh.founded()).isFalse();
    long at = 2;
    for (Command command : SnapshotFile.read(save(store)).restore("carry-over")) {
      apply(fresh, entry(at++, command));
    }
    assertThat(fresh.founded()).isTrue();
    assertThat(jobs(fresh)).containsExactly("kept");
  }

  private static Command addJob(String id) {
    return Command.newBuilder()
        .setRequestId("add-" + id)
        .setAddJob(AddJob.newBuilder().setJobId(id))
        .build();
  }

  private static LogEntry entry(long at, Command... commands) {
    return entryOf(EPOCH, at, commands);
  }

  private static LogEntry entryOf(long epoch, long at, Command... commands) {
    var batch = CommandBatch.newBuilder();
    for (Command command : commands) {
      batch.addCommands(command.toBuilder().setEpoch(epoch).setLedgerMillis(at));
    }
    return new LogEntry(
        new LogPosition(new Epoch(epoch), at), LogEntry.Kind.COMMAND, batch.build().toByteArray());
  }

  private static List<CommandResult> apply(ClusterStore to, LogEntry entry) {
    try {
      return CommandResultBatch.parseFrom(to.apply(List.of(entry)).getFirst()).getResultsList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private CommandResult apply(Command command) {
    return apply(store, entryOf(epoch, ++index, command)).getFirst();
  }

  /// A leader behind the restore.
  private void electAgain() {
    epoch = store.greatestEpoch().next().value();
    store.apply(List.of(Ledgers.open(epoch, ++index, "n2")));
  }

  private Path save(ClusterStore from) throws IOException {
    var export = from.export();
    ByteString packed = StateImage.pack(export.snapshot());
    var info =
        SnapshotInfo.newBuilder()
            .setVersion(SnapshotSender.VERSION)
            .setEpoch(export.epoch().value())
            .setIndex(export.position().index())
            .setStateHash(export.stateHash())
            .setBytes(packed.size())
            .setSha256(RestoreArea.sha256(packed))
            .build();
    Path file = folder.resolve("state.snapshot");
    SnapshotFile.write(
        List.of(
                SaveSnapshotResponse.newBuilder().setInfo(info).build(),
                SaveSnapshotResponse.newBuilder().setData(packed).build())
            .iterator(),
        file);
    return file;
  }

  private static List<String> jobs(ClusterStore of) {
    return of.read(
        state ->
            StateQueries.jobs(state, ReadJobsRequest.getDefaultInstance()).stream()
                .map(Job::getJobId)
                .sorted()
                .toList());
  }

  @Test
  void savedStateTakesThePlaceOfAnother() throws IOException {
    apply(addJob("kept"));
    Path file = save(store);
    apply(addJob("later"));
    for (Command command : SnapshotFile.read(file).restore("r1")) {
      assertThat(apply(command).getReason()).isEmpty();
    }
    assertThat(jobs(store)).containsExactly("kept");
  }

  @Test
  void whatIsStoredAfterARestoreIsWhatIsInMemory() throws IOException {
    apply(addJob("kept"));
    Path file = save(store);
    apply(addJob("later"));
    SnapshotFile.read(file).restore("r1").forEach(this::apply);
    electAgain();
    apply(addJob("after"));
    var restarted = new ClusterStore(disk);
    assertThat(restarted.stateHash()).isEqualTo(store.stateHash());
    assertThat(jobs(restarted)).containsExactly("after", "kept");
  }

  @Test
  void replicasAgreeHoweverTheEntriesAreBatched() throws IOException {
    apply(addJob("kept"));
    var log = new ArrayList<LogEntry>();
    SnapshotFile.read(save(store)).restore("r1").forEach(c -> log.add(entry(++index, c)));
    log.add(Ledgers.open(EPOCH + 2, ++index, "n2"));
    log.add(entryOf(EPOCH + 2, ++index, addJob("after")));
    var other = new ClusterStore(new MemoryKeyValueStore());
    other.apply(
        List.of(Ledgers.open(EPOCH, 1, "n1"), Ledgers.found(EPOCH, 2), entry(3, addJob("kept"))));
    other.apply(log);
    log.forEach(e -> store.apply(List.of(e)));
    assertThat(jobs(store)).containsExactly("after", "kept");
    assertThat(other.stateHash()).isEqualTo(store.stateHash());
  }

  @Test
  void repeatedEndOfARestoreChangesNothing() throws IOException {
    apply(addJob("kept"));
    List<Command> commands = SnapshotFile.read(save(store)).restore("r1");
    commands.forEach(this::apply);
    electAgain();
    apply(addJob("after"));
    assertThat(apply(commands.getLast()).getDuplicate()).isTrue();
    assertThat(jobs(store)).containsExactly("after", "kept");
  }

  @Test
  void claimTokensNeverFall() throws IOException {
    Path file = save(store);
    long token = store.read(state -> state.clock().nextClaimToken());
    SnapshotFile.read(file).restore("r1").forEach(this::apply);
    long next = store.read(state -> state.clock().nextClaimToken());
    assertThat(next).isGreaterThan(token);
  }

  @Test
  void epochOfARestoredStateIsKnownToTheElections() throws IOException {
    var elsewhere = new ClusterStore(new MemoryKeyValueStore());
    elsewhere.apply(List.of(Ledgers.open(90, 1, "n9")));
    SnapshotFile.read(save(elsewhere)).restore("r1").forEach(this::apply);
    assertThat(store.greatestEpoch()).isEqualTo(new Epoch(91));
  }

  @Test
  void chunkOutOfOrderIsRefused() throws IOException {
    List<Command> commands = SnapshotFile.read(save(store)).restore("r1");
    apply(commands.getFirst());
    var chunk = commands.get(1).toBuilder().setRequestId("other");
    chunk.getAddRestoreChunkBuilder().setSequence(2);
    assertThat(apply(chunk.build()).getMessage()).contains("sequence").contains("1, the next");
  }

  @Test
  void chunkOfAnotherRestoreIsRefused() throws IOException {
    List<Command> commands = SnapshotFile.read(save(store)).restore("r1");
    apply(commands.getFirst());
    SnapshotFile.read(save(store)).restore("r2").stream().limit(1).forEach(this::apply);
    assertThat(apply(commands.get(1)).getReason()).isEqualTo(Reason.INVALID_ARGUMENT.name());
  }

  @Test
  void endWithoutTheWholeReplacesNothing() throws IOException {
    apply(addJob("kept"));
    List<Command> commands = SnapshotFile.read(save(store)).restore("r1");
    apply(commands.getFirst());
    assertThat(apply(commands.getLast()).getReason()).isEqualTo(Reason.DIGEST_MISMATCH.name());
    assertThat(jobs(store)).containsExactly("kept");
  }

  @Test
  void wholeOfSomethingElseReplacesNothing() throws IOException {
    apply(addJob("kept"));
    ByteString rubbish = ByteString.copyFromUtf8("no state at all");
    var info =
        SnapshotInfo.newBuilder()
            .setBytes(rubbish.size())
            .setSha256(RestoreArea.sha256(rubbish))
            .build();
    var results = new ArrayList<CommandResult>();
    new SnapshotFile(info, java.util.Map.of(), rubbish)
        .restore("r1")
        .forEach(c -> results.add(apply(c)));
    assertThat(results.getLast().getReason()).isEqualTo(Reason.STORAGE_CORRUPT.name());
    assertThat(jobs(store)).containsExactly("kept");
  }

  @Test
  void damagedFileIsRefusedBeforeAnythingIsSent() throws IOException {
    Path file = save(store);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> SnapshotFile.read(file)).isInstanceOf(Refusal.class);
  }

  @Test
  void streamThatBreaksOffLeavesNoFile() {
    Path file = folder.resolve("broken.snapshot");
    var parts =
        List.of(
            SaveSnapshotResponse.newBuilder()
                .setInfo(SnapshotInfo.newBuilder().setVersion(1).setBytes(10))
                .build());
    assertThatThrownBy(() -> SnapshotFile.write(parts.iterator(), file))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("not whole");
    assertThat(file).doesNotExist();
  }
}
