package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.sync.v1.CorruptSource;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files: who sent one is named and avoided, and what rotted here is taken out of service.
final class QuarantineTest {
  private static final String PATH = "games/hex5_2p/g.db";
  private static final byte[] CONTENT = "all the games of this evening".getBytes(UTF_8);

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

  /// The node has seen the file whole; then bytes of it change under its size and time, or its end
  /// is lost under its time alone.
  private void rot(String node, boolean truncated) throws IOException {
    cluster.node(node).write(PATH, CONTENT);
    var _ = cluster.node(node).stub().getManifest(GetManifestRequest.getDefaultInstance());
    Path file = cluster.node(node).root.resolve(PATH);
    var modified = Files.getLastModifiedTime(file);
    byte[] rotten = CONTENT.clone();
    rotten[7] ^= 1;
    Files.write(file, truncated ? Arrays.copyOf(CONTENT, 9) : rotten);
    Files.setLastModifiedTime(file, modified);
  }

  private FetchFilesResponse fetch(String node) {
    var entry = FileEntry.newBuilder().setPath(PATH).setSha256(FakeSource.sha256(CONTENT));
    return cluster
        .node(node)
        .stub()
        .fetchFiles(FetchFilesRequest.newBuilder().addFiles(entry).build());
  }

  private GetSyncStatusResponse status(String node) {
    return cluster.node(node).stub().getSyncStatus(GetSyncStatusRequest.getDefaultInstance());
  }

  private VerifiedNode verify(String node) {
    return cluster
        .node(node)
        .stub()
        .verifyFiles(VerifyFilesRequest.getDefaultInstance())
        .getNodes(0);
  }

  @Test
  void sourceOfABitFlippedFileIsNamedAndNotAskedAgainForAWhile() throws Exception {
    rot("a", false);

    assertThat(fetch("c").getFailed(0).getSourceNodeId()).isEqualTo("a");
    assertThat(status("c").getCorruptSourcesList())
        .singleElement()
        .extracting(CorruptSource::getNodeId, CorruptSource::getPath)
        .containsExactly("a", PATH);
    assertThat(status("c").getCountersOrThrow("corrupt_files_received")).isEqualTo(1);
    assertThat(cluster.events()).containsExactly("DATA_SOURCE_CORRUPT");

    // Once it has been named it is left alone, and told again only when it was asked again.
    var again = fetch("c");
    assertThat(again.getFailed(0).getReason()).isEqualTo("DIGEST_MISMATCH");
    assertThat(again.getFailed(0).getDetail()).contains("within 10 minutes");
    assertThat(status("c").getCountersOrThrow("corrupt_files_received")).isEqualTo(1);

    cluster.skip(BadSources.AVOIDED.plusSeconds(1));
    assertThat(fetch("c").getFailed(0).getDetail()).doesNotContain("within 10 minutes");
    assertThat(status("c").getCountersOrThrow("corrupt_files_received")).isEqualTo(2);
    assertThat(cluster.node("c").root.resolve(PATH)).doesNotExist();
  }

  @Test
  void fileTruncatedAtASourceIsNotTakenAndAnotherSourceGivesIt() throws Exception {
    rot("a", true);
    cluster.node("b").write(PATH, CONTENT);

    assertThat(fetch("c").getFailedList()).isEmpty();
    assertThat(cluster.node("c").root.resolve(PATH)).hasBinaryContent(CONTENT);
  }

  @Test
  void anotherSourceGivesABitFlippedFile() throws Exception {
    rot("a", false);
    cluster.node("b").write(PATH, CONTENT);

    assertThat(fetch("c").getFailedList()).isEmpty();
    assertThat(cluster.node("c").root.resolve(PATH)).hasBinaryContent(CONTENT);
  }

  @Test
  void verifyTakesARottenFileOutOfServiceAndBringsTheRightOneBack() throws Exception {
    rot("a", false);
    cluster.node("b").write(PATH, CONTENT);
    byte[] rotten = Files.readAllBytes(cluster.node("a").root.resolve(PATH));

    var verified = verify("a");

    assertThat(verified.getCorruptList()).containsExactly(PATH);
    var taken = verified.getQuarantined(0);
    assertThat(taken.getPath()).isEqualTo(PATH);
    assertThat(taken.getExpectedSha256()).isEqualTo(FakeSource.sha256(CONTENT));
    assertThat(taken.getActualSha256()).isEqualTo(FakeSource.sha256(rotten));
    assertThat(taken.getRestored()).isTrue();
    assertThat(cluster.node("a").root.resolve(taken.getPlace())).hasBinaryContent(rotten);
    assertThat(cluster.node("a").root.resolve(PATH)).hasBinaryContent(CONTENT);
    assertThat(cluster.events()).containsExactly("DATA_FILE_QUARANTINED");
    assertThat(verify("a").getCorruptList()).isEmpty();
  }

  @Test
  void rottenFileThatNobodyElseHasIsKeptOutOfServiceAndSaidSo() throws Exception {
    rot("a", false);

    var taken = verify("a").getQuarantined(0);

    assertThat(taken.getRestored()).isFalse();
    assertThat(taken.getDetail()).contains("no node holds");
    assertThat(cluster.node("a").root.resolve(PATH)).doesNotExist();
    assertThat(cluster.node("a").root.resolve(taken.getPlace())).exists();
    assertThat(
            cluster
                .node("a")
                .stub()
                .getManifest(GetManifestRequest.getDefaultInstance())
                .getManifest()
                .getFilesList())
        .isEmpty();
  }

  @Test
  void fileThatWasWrittenAnewIsToldAndLeftWhereItIs() throws Exception {
    cluster.node("a").write(PATH, CONTENT);
    var _ = cluster.node("a").stub().getManifest(GetManifestRequest.getDefaultInstance());
    byte[] other = "other games".getBytes(UTF_8);
    cluster.node("a").write(PATH, other);

    var verified = verify("a");

    assertThat(verified.getCorruptList()).containsExactly(PATH);
    assertThat(verified.getQuarantinedList()).isEmpty();
    assertThat(cluster.node("a").root.resolve(PATH)).hasBinaryContent(other);
  }
}
