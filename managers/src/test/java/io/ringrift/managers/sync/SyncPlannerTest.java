package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LoopSpec;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyncPlannerTest {
  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new SyncCluster(folder, "a", "b", "c");
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void everyNodeEndsWithEveryFileBitIdentical() throws Exception {
    byte[] big = bytes(2_000_000);
    cluster.node("a").write("selfplay/hex8_2p/a.db", big);
    cluster.node("b").write("selfplay/hex8_2p/b.db", bytes(10));
    cluster.node("c").write("models/c.pt", bytes(0));

    var response = run();

    assertThat(response.getSuccess()).as(response.toString()).isTrue();
    assertThat(response.getFilesCompleted()).isEqualTo(6);
    assertThat(response.getBytesTransferred()).isEqualTo(2L * (big.length + 10));
    for (String name : new String[] {"a", "b", "c"}) {
      assertThat(cluster.node(name).root.resolve("selfplay/hex8_2p/a.db")).hasBinaryContent(big);
      assertThat(cluster.node(name).root.resolve("models/c.pt")).isEmptyFile();
    }
    assertThat(cluster.events()).containsExactly("DATA_SYNC_STARTED", "DATA_SYNC_COMPLETED");
    assertThat(verified().getIdentical()).isTrue();
  }

  @Test
  void aSecondRunMovesNothing() throws Exception {
    cluster.node("b").write("games/b.db", bytes(1000));
    run();

    assertThat(run().getPlan().getTotalFiles()).isZero();
    var status = status();
    assertThat(status.getState()).isEqualTo("SYNCED");
    assertThat(status.getMissingFiles()).isZero();
    assertThat(status.getCountersMap())
        .containsEntry("bytes_synced", 2000L)
        .containsEntry("sync_jobs_failed", 0L);
  }

  @Test
  void whatWasSyncedIsFreshForAnIntervalAndOldAfterHalfAnHour() {
    run();
    assertThat(status().getState()).isEqualTo("SYNCED");
    assertThat(status().getCountersMap())
        .containsEntry("manifests_collected", 1L)
        .containsEntry("sync_plans_generated", 1L);

    cluster.skip(Duration.ofSeconds(61));
    assertThat(status().getState()).isEqualTo("IDLE");
    assertThat(cluster.node("a").planner.health().status().name()).isEqualTo("RUNNING");

    cluster.skip(Duration.ofMinutes(30));
    assertThat(cluster.node("a").planner.health().status().name()).isEqualTo("DEGRADED");
  }

  @Test
  void twoContentsUnderOnePathAreReportedAndKept() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    cluster.node("b").write("games/x.db", bytes(20));

    var plan = run().getPlan();

    assertThat(plan.getConflicts(0).getPath()).isEqualTo("games/x.db");
    assertThat(plan.getConflicts(0).getHoldersMap()).containsOnlyKeys("a", "b");
    assertThat(cluster.node("a").root.resolve("games/x.db")).hasBinaryContent(bytes(10));
    assertThat(cluster.node("b").root.resolve("games/x.db")).hasBinaryContent(bytes(20));
    assertThat(cluster.node("c").root.resolve("games/x.db")).doesNotExist();
    assertThat(verified().getIdentical()).isFalse();
  }

  @Test
  void theDeadAreLeftOutAndTheRestSyncs() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    cluster.node("b").die();

    assertThat(run().getSuccess()).isTrue();
    assertThat(cluster.node("c").root.resolve("games/x.db")).exists();
  }

  @Test
  void theLoopSyncsForTheLeaderOfItsEpochOnly() throws Exception {
    cluster.node("b").write("games/x.db", bytes(10));
    LoopSpec loop = cluster.node("a").planner.loops().get(1);
    assertThat(loop.longestPause()).as("between rounds that fail").hasSeconds(30);
    assertThat(loop.name()).isEqualTo("data_sync");
    assertThat(loop.leaderOnly()).isTrue();

    loop.round().run(Optional.of(new Epoch(9)));
    assertThat(cluster.node("a").root.resolve("games/x.db")).doesNotExist();
    loop.round().run(Optional.of(new Epoch(1)));
    assertThat(cluster.node("a").root.resolve("games/x.db")).exists();
  }

  @Test
  void aFollowerNamesTheLeader() {
    var refusal =
        refused(() -> cluster.node("b").stub().planSync(PlanSyncRequest.getDefaultInstance()));

    assertThat(refusal.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(refusal.details()).containsEntry("leader_id", "a").containsKey("leader_address");
  }

  @Test
  void anOrderOfTheDeposedIsRefused() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    cluster.node("c").gate.learn(new Epoch(5));
    var order =
        pull("a", "games/x.db").setFence(Fence.newBuilder().setEpoch(4).setLeaderId("b")).build();

    assertThat(refused(() -> cluster.node("c").stub().pullFiles(order)).reason())
        .isEqualTo(Reason.STALE_EPOCH);
    assertThat(cluster.node("c").root.resolve("games/x.db")).doesNotExist();
  }

  @Test
  void anInvalidRequestLeavesNoEpochBehind() {
    var order =
        pull("nobody", "games/x.db")
            .setFence(Fence.newBuilder().setEpoch(900).setLeaderId("b"))
            .build();

    assertThat(refused(() -> cluster.node("c").stub().pullFiles(order)).reason())
        .isEqualTo(Reason.NODE_NOT_FOUND);
    assertThat(cluster.node("c").gate.greatest()).isEqualTo(Epoch.ZERO);
  }

  @Test
  void aClientPullsByHostAndPort() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    var request =
        PullFilesRequest.newBuilder()
            .setSourceHost("localhost")
            .setSourcePort(7000 + 'a')
            .addFiles("games/x.db")
            .build();

    var response = cluster.node("c").stub().pullFiles(request);

    assertThat(response.getSuccess()).as(response.getError()).isTrue();
    assertThat(response.getFilesCompleted()).isEqualTo(1);
    assertThat(response.getBytesTransferred()).isEqualTo(10);
  }

  @Test
  void aMissingFileIsToldByPath() {
    var response = cluster.node("c").stub().pullFiles(pull("a", "games/none.db").build());

    assertThat(response.getSuccess()).isFalse();
    assertThat(response.getError()).startsWith("FILE_NOT_FOUND").contains("games/none.db");
    assertThat(response.getFailedList())
        .extracting(FailedFile::getPath)
        .containsExactly("games/none.db");
  }

  @Test
  void aPullWithoutSourceOrFilesIsRefusedByField() {
    var stub = cluster.node("c").stub();

    assertThat(refused(() -> stub.pullFiles(PullFilesRequest.getDefaultInstance())).details())
        .containsEntry("field", "files");
    assertThat(refused(() -> stub.pullFiles(pull("", "games/x.db").build())).details())
        .containsEntry("field", "source_host");
    assertThat(refused(() -> stub.pullFiles(pull("z", "games/x.db").build())).reason())
        .isEqualTo(Reason.NODE_NOT_FOUND);
    assertThat(refused(() -> stub.pullFiles(pull("a", "../x.db").build())).reason())
        .isEqualTo(Reason.PATH_OUTSIDE_ROOT);
  }

  @Test
  void aHostilePathIsNotRead() {
    var stub = cluster.node("a").stub();

    assertThat(
            refused(
                    () ->
                        stub.readFile(ReadFileRequest.newBuilder().setPath("../../x.db").build())
                            .hasNext())
                .reason())
        .isEqualTo(Reason.PATH_OUTSIDE_ROOT);
  }

  @Test
  void aFileWithAnotherHashThanAskedForIsNotSent() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    var request =
        ReadFileRequest.newBuilder().setPath("games/x.db").setSha256("0".repeat(64)).build();

    assertThat(refused(() -> cluster.node("a").stub().readFile(request).hasNext()).reason())
        .isEqualTo(Reason.DIGEST_MISMATCH);
  }

  @Test
  void aFileThatChangesWhileItIsSentEndsAsChanged() throws Exception {
    cluster.node("a").write("games/x.db", bytes(16 * FileSender.CHUNK));
    var request = ReadFileRequest.newBuilder().setPath("games/x.db").build();
    var chunks = cluster.node("a").stub().readFile(request);
    chunks.next();

    cluster.node("a").write("games/x.db", bytes(16 * FileSender.CHUNK + 1));

    assertThat(refused(() -> chunks.forEachRemaining(_ -> {})).reason())
        .isEqualTo(Reason.SOURCE_CHANGED);
  }

  @Test
  void anUnchangedManifestTravelsWithoutFiles() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    var stub = cluster.node("a").stub();
    var full = stub.getManifest(GetManifestRequest.getDefaultInstance());
    var digest = full.getManifest().getDigest();

    var again = stub.getManifest(GetManifestRequest.newBuilder().setKnownDigest(digest).build());

    assertThat(full.getManifest().getFilesCount()).isEqualTo(1);
    assertThat(again.getUnchanged()).isTrue();
    assertThat(again.getManifest().getFilesCount()).isZero();
  }

  @Test
  void verifyFindsAFlippedByteBehindTheCache() throws Exception {
    cluster.node("a").write("games/x.db", bytes(1000));
    run();
    Path file = cluster.node("b").root.resolve("games/x.db");
    var modified = Files.getLastModifiedTime(file);
    byte[] spoilt = bytes(1000);
    spoilt[500]++;
    Files.write(file, spoilt);
    Files.setLastModifiedTime(file, modified);

    var verified = verified();

    assertThat(verified.getIdentical()).isFalse();
    assertThat(verified.getNodesList())
        .filteredOn(node -> node.getCorruptCount() > 0)
        .extracting(VerifiedNode::getNodeId)
        .containsExactly("b");
  }

  @Test
  void aRepeatedRequestGetsTheFirstAnswer() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    var request = RunSyncRequest.newBuilder().setRequestId("r1").setWait(true).build();
    var first = cluster.node("a").stub().runSync(request);

    assertThat(first.getFilesCompleted()).isEqualTo(2);
    assertThat(cluster.node("a").stub().runSync(request)).isEqualTo(first);
  }

  @Test
  void aRunThatIsNotWaitedForEndsByItself() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));

    var begun = cluster.node("a").stub().runSync(RunSyncRequest.getDefaultInstance());

    assertThat(begun.getPlan().getTotalFiles()).isEqualTo(2);
    await()
        .until(
            () ->
                cluster
                    .node("a")
                    .stub()
                    .getSyncStatus(GetSyncStatusRequest.getDefaultInstance())
                    .getState()
                    .equals("SYNCED"));
    assertThat(cluster.node("c").root.resolve("games/x.db")).exists();
  }

  @Test
  void aRunWhileAnotherIsInProgressIsRefusedWithSyncInProgress() throws Exception {
    cluster.node("b").write("games/x.db", bytes(1000));
    // A link is nothing that may be written to, so the first run cannot end before its last try.
    Path link = cluster.node("c").root.resolve("games/x.db");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, link.resolveSibling("nowhere"));

    var first = cluster.node("a").stub().runSync(RunSyncRequest.getDefaultInstance());
    var refusal = refused(this::run);

    assertThat(refusal.reason()).isEqualTo(Reason.SYNC_IN_PROGRESS);
    assertThat(refusal.text()).contains(first.getPlan().getPlanId(), "sync status");
    Files.delete(link);
    await().untilAsserted(() -> assertThat(status().getState()).isEqualTo("SYNCED"));
    assertThat(run().getSuccess()).isTrue();
    assertThat(cluster.events()).containsOnlyOnce("DATA_SYNC_STARTED");
  }

  private RunSyncResponse run() {
    return cluster.node("a").stub().runSync(RunSyncRequest.newBuilder().setWait(true).build());
  }

  private GetSyncStatusResponse status() {
    return cluster.node("a").stub().getSyncStatus(GetSyncStatusRequest.getDefaultInstance());
  }

  private VerifyFilesResponse verified() {
    return cluster
        .node("a")
        .stub()
        .verifyFiles(VerifyFilesRequest.newBuilder().setCluster(true).build());
  }

  private static PullFilesRequest.Builder pull(String source, String path) {
    return PullFilesRequest.newBuilder().setSourceNodeId(source).addFiles(path);
  }

  private static Refusal refused(ThrowingCallable call) {
    return Errors.fromStatus(Assertions.catchThrowableOfType(StatusRuntimeException.class, call));
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return bytes;
  }
}
