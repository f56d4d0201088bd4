package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.HaveFilesResponse;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.ListClusterFilesResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are asked for by path and hash, and the files of all nodes.
final class FetchFilesTest {
  private static final String MODEL = "models/hex5_2p/m.bin";

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
  void fileComesFromWhoeverHoldsItThoughNobodyScannedYet() throws Exception {
    cluster.node("b").write(MODEL, bytes(300_000));

    var first = fetch("c", entry(MODEL, bytes(300_000)));

    assertThat(first.getFailedList()).isEmpty();
    assertThat(first.getFetched()).isEqualTo(1);
    assertThat(cluster.node("c").root.resolve(MODEL)).hasBinaryContent(bytes(300_000));
    assertThat(fetch("c", entry(MODEL, bytes(300_000))).getFetched()).as("here already").isZero();
  }

  @Test
  void contentThatNobodyHoldsIsNamed() throws Exception {
    cluster.node("b").write(MODEL, bytes(10));
    cluster.node("a").write("games/x.db", bytes(20));

    var response = fetch("c", entry(MODEL, bytes(11)), entry("games/x.db", bytes(20)));

    assertThat(response.getFetched()).isEqualTo(1);
    assertThat(response.getFailedCount()).isEqualTo(1);
    assertThat(response.getFailed(0).getPath()).isEqualTo(MODEL);
    assertThat(response.getFailed(0).getReason()).isEqualTo(Reason.FILE_NOT_FOUND.name());
    assertThat(response.getFailed(0).getDetail())
        .contains(MODEL, FakeSource.sha256(bytes(11)), "2 others");
  }

  @Test
  void oneHolderThatTellsAWrongSizeIsNotBelieved() {
    String sha256 = FakeSource.sha256(bytes(10));
    var answers =
        Map.of(
            new NodeId("a"), told(11),
            new NodeId("b"), told(10),
            new NodeId("c"), told(10),
            new NodeId("d"), told(Long.MAX_VALUE));

    var found = FileFetcher.found(Map.of(MODEL, sha256), answers).getFirst();

    assertThat(found.size()).isEqualTo(10);
    assertThat(found.holders()).containsExactly(new NodeId("b"), new NodeId("c"));
  }

  private static HaveFilesResponse told(long size) {
    return HaveFilesResponse.newBuilder().addHeld(0).addSizes(size).build();
  }

  @Test
  void damagedFileIsReplacedAndWhatItWasIsKept() throws Exception {
    cluster.node("a").write(MODEL, bytes(1000));
    cluster.node("c").write(MODEL, bytes(7));

    assertThat(fetch("c", entry(MODEL, bytes(1000))).getFailedList()).isEmpty();

    var c = cluster.node("c");
    assertThat(c.root.resolve(MODEL)).hasBinaryContent(bytes(1000));
    try (var kept = Files.list(c.root.resolve(".aside"))) {
      assertThat(kept).singleElement().satisfies(f -> assertThat(f).hasBinaryContent(bytes(7)));
    }
  }

  @Test
  void fileStaysWhereItIsWhenNobodyHasAnother() throws Exception {
    cluster.node("c").write(MODEL, bytes(7));

    assertThat(fetch("c", entry(MODEL, bytes(1000))).getFailedCount()).isEqualTo(1);
    assertThat(cluster.node("c").root.resolve(MODEL)).hasBinaryContent(bytes(7));
  }

  @Test
  void nextHolderIsReadWhenTheFirstOnesFileHasRotted() throws Exception {
    cluster.node("a").write(MODEL, bytes(1000));
    cluster.node("b").write(MODEL, bytes(1000));
    have("a", entry(MODEL, bytes(1000)));
    Path rotten = cluster.node("a").root.resolve(MODEL);
    var modified = Files.getLastModifiedTime(rotten);
    byte[] content = bytes(1000);
    content[500]++;
    Files.write(rotten, content);
    Files.setLastModifiedTime(rotten, modified);

    assertThat(fetch("c", entry(MODEL, bytes(1000))).getFailedList()).isEmpty();
    assertThat(cluster.node("c").root.resolve(MODEL)).hasBinaryContent(bytes(1000));
  }

  @Test
  void whatWasPutAsideIsBackWhenTheWantedContentDoesNotComeAfterAll() throws Exception {
    cluster.node("a").write(MODEL, bytes(1000));
    cluster.node("c").write(MODEL, bytes(7));
    have("a", entry(MODEL, bytes(1000)));
    Path rotten = cluster.node("a").root.resolve(MODEL);
    var modified = Files.getLastModifiedTime(rotten);
    byte[] content = bytes(1000);
    content[500]++;
    Files.write(rotten, content);
    Files.setLastModifiedTime(rotten, modified);

    assertThat(fetch("c", entry(MODEL, bytes(1000))).getFailedCount()).isEqualTo(1);
    assertThat(cluster.node("c").root.resolve(MODEL)).hasBinaryContent(bytes(7));
  }

  @Test
  void callersThatWantTheSameFileAtOnceAllGetIt() throws Exception {
    cluster.node("b").write(MODEL, bytes(3_000_000));
    var wanted = entry(MODEL, bytes(3_000_000));

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<List<FailedFile>> fetch = () -> fetch("c", wanted).getFailedList();
      for (var failed : threads.invokeAll(Collections.nCopies(8, fetch))) {
        assertThat(failed.get()).isEmpty();
      }
    }
  }

  @Test
  void onlyWhatIsThereWithThatHashIsHeld() throws Exception {
    cluster.node("a").write("games/x.db", bytes(10));
    cluster.node("a").write("games/y.db", bytes(20));

    assertThat(
            have(
                "a",
                entry("games/none.db", bytes(10)),
                entry("games/x.db", bytes(10)),
                entry("games/y.db", bytes(21))))
        .containsExactly(1);
    Files.delete(cluster.node("a").root.resolve("games/x.db"));
    assertThat(have("a", entry("games/x.db", bytes(10)))).isEmpty();
  }

  @Test
  void hostilePathsAndHashesAreRefusedByField() {
    var stub = cluster.node("a").stub();
    var outside = entry("../x.db", bytes(1));
    var vague = FileEntry.newBuilder().setPath("games/x.db").setSha256("AB").build();

    assertThat(refused(() -> stub.fetchFiles(request(outside))).reason())
        .isEqualTo(Reason.PATH_OUTSIDE_ROOT);
    assertThat(refused(() -> stub.fetchFiles(request(vague))).details())
        .containsEntry("field", "files.sha256")
        .containsEntry("value", "AB");
    assertThat(refused(() -> stub.fetchFiles(FetchFilesRequest.getDefaultInstance())).details())
        .containsEntry("field", "files");
  }

  @Test
  void clusterFilesAreUniqueWithTheirHoldersAndWithoutConflicts() throws Exception {
    cluster.node("a").write("selfplay/hex5_2p/x.jsonl", bytes(10));
    cluster.node("b").write("selfplay/hex5_2p/x.jsonl", bytes(10));
    cluster.node("a").write("selfplay/hex5_2p/torn.jsonl", bytes(10));
    cluster.node("c").write("selfplay/hex5_2p/torn.jsonl", bytes(11));
    cluster.node("c").write("selfplay/hex6_2p/y.jsonl", bytes(12));
    cluster.node("c").write(MODEL, bytes(13));

    var all = list(ListClusterFilesRequest.getDefaultInstance());
    var some =
        list(
            ListClusterFilesRequest.newBuilder()
                .setFileType("selfplay")
                .setConfigKey("hex5_2p")
                .build());

    assertThat(all.getFilesList())
        .extracting(file -> file.getEntry().getPath())
        .containsExactly(MODEL, "selfplay/hex5_2p/x.jsonl", "selfplay/hex6_2p/y.jsonl");
    assertThat(some.getFilesList()).hasSize(1);
    assertThat(some.getFiles(0).getEntry().getSha256()).isEqualTo(FakeSource.sha256(bytes(10)));
    assertThat(some.getFilesList())
        .flatExtracting(ClusterFile::getNodeIdsList)
        .containsExactly("a", "b");
    assertThat(all.getMissingNodeIdsList()).isEmpty();
  }

  @Test
  void clusterFilesAreAskedOfTheLeader() {
    var stub = cluster.node("b").stub();

    assertThat(
            refused(() -> stub.listClusterFiles(ListClusterFilesRequest.getDefaultInstance()))
                .reason())
        .isEqualTo(Reason.NOT_LEADER);
  }

  private ListClusterFilesResponse list(ListClusterFilesRequest request) {
    return cluster.node("a").stub().listClusterFiles(request);
  }

  private FetchFilesResponse fetch(String node, FileEntry... files) {
    return cluster.node(node).stub().fetchFiles(request(files));
  }

  private Iterable<Integer> have(String node, FileEntry... files) {
    var request = HaveFilesRequest.newBuilder().addAllFiles(List.of(files)).build();
    return cluster.node(node).stub().haveFiles(request).getHeldList();
  }

  private static FetchFilesRequest request(FileEntry... files) {
    return FetchFilesRequest.newBuilder().addAllFiles(List.of(files)).build();
  }

  private static FileEntry entry(String path, byte[] content) {
    return FileEntry.newBuilder().setPath(path).setSha256(FakeSource.sha256(content)).build();
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
