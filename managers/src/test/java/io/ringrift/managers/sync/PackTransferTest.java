package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PackedFile;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.PullFilesResponse;
import io.ringrift.sync.v1.ReadFilesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many small files over one call.
final class PackTransferTest {
  @TempDir private Path folder;
  private SyncCluster cluster;
  private SyncCluster.Node source;
  private SyncCluster.Node target;

  @BeforeEach
  void open() throws IOException {
    cluster = new SyncCluster(folder, "a", "b");
    source = cluster.node("a");
    target = cluster.node("b");
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private Map<String, byte[]> written(int files, int size) throws IOException {
    var all = new TreeMap<String, byte[]>();
    for (int i = 0; i < files; i++) {
      byte[] content = ("game " + i + " ").repeat(size / 8 + 1).getBytes(UTF_8);
      all.put("selfplay/hex8_2p/part%d/game%d.jsonl".formatted(i / 10, i), content);
    }
    for (var one : all.entrySet()) {
      source.write(one.getKey(), one.getValue());
    }
    return all;
  }

  private static FileEntry entry(String path, byte[] content) {
    return FileEntry.newBuilder()
        .setPath(path)
        .setSizeBytes(content.length)
        .setSha256(FakeSource.sha256(content))
        .build();
  }

  private PullFilesResponse pull(Map<String, byte[]> wanted) {
    var request = PullFilesRequest.newBuilder().setSourceNodeId("a");
    wanted.forEach((path, content) -> request.addExpected(entry(path, content)));
    return target.stub().pullFiles(request.build());
  }

  @Test
  void smallFilesArriveTogetherBitIdenticalAndNothingIsLeftOver() throws Exception {
    var files = written(300, 9000);
    files.put("selfplay/hex8_2p/empty.jsonl", new byte[0]);
    source.write("selfplay/hex8_2p/empty.jsonl", new byte[0]);

    var response = pull(files);

    assertThat(response.getFailedList()).isEmpty();
    assertThat(response.getFilesCompleted()).isEqualTo(301);
    for (var one : files.entrySet()) {
      assertThat(target.root.resolve(one.getKey())).hasBinaryContent(one.getValue());
    }
    try (var rest = Files.list(target.root.resolve(".partial"))) {
      assertThat(rest).isEmpty();
    }
    // One call for all of them: the source was never asked for a single file, whose hash it would
    // have looked up.
    assertThat(source.cache.misses()).isZero();
  }

  @Test
  void aDiskThatFillsUnderAPackLeavesNothingOfItBehind() throws Exception {
    var wanted = new ArrayList<Content>();
    written(20, 1000).forEach((path, content) -> wanted.add(Content.of(entry(path, content))));
    Path root = folder.resolve("full");
    var disk = new TightDisk();
    var config = SyncConfig.defaults(root);
    var bad =
        new BadSources(
            Ticker.system(),
            new SyncEvents(new Alone(), new SyncCounters(Ticker.system())),
            new SyncCounters(Ticker.system()));
    var receiver =
        new PackReceiver(
            SafePath.under(root),
            new MemoryDigestCache(),
            config,
            disk,
            new Underway(),
            bad,
            new Intake(config, Ticker.system()));
    disk.leave(5_500);

    assertThat(receiver.fetch(wanted, new Source(new NodeId("a"), source.local()))).isEmpty();

    try (var files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
    disk.leave(Long.MAX_VALUE);
    assertThat(receiver.fetch(wanted, new Source(new NodeId("a"), source.local()))).hasSize(20);
  }

  @Test
  void oneRottenFileOfAPackFailsAloneAndIsNamed() throws Exception {
    var files = written(20, 100);
    String rotten = files.keySet().iterator().next();
    byte[] flipped = Files.readAllBytes(source.root.resolve(rotten));
    flipped[3] ^= 1;
    Files.write(source.root.resolve(rotten), flipped);

    var response = pull(files);

    assertThat(response.getFilesCompleted()).isEqualTo(19);
    assertThat(response.getFailedList()).hasSize(1);
    assertThat(response.getFailed(0).getPath()).isEqualTo(rotten);
    assertThat(response.getFailed(0).getReason()).isEqualTo("DIGEST_MISMATCH");
    assertThat(target.root.resolve(rotten)).doesNotExist();
  }

  @Test
  void contentUnderATakenNameIsKept() throws Exception {
    var files = written(5, 100);
    String taken = files.keySet().iterator().next();
    target.write(taken, "mine".getBytes(UTF_8));

    var response = pull(files);

    assertThat(response.getFilesCompleted()).isEqualTo(4);
    assertThat(response.getFailed(0).getReason()).isEqualTo("DIGEST_MISMATCH");
    assertThat(target.root.resolve(taken)).hasContent("mine");
  }

  @Test
  void filesBeyondAPacksSizeComeOneByOne() throws Exception {
    var files = written(3, 100);
    byte[] big = new byte[PackSender.MOST_BYTES + 1];
    source.write("selfplay/hex8_2p/big.jsonl", big);
    files.put("selfplay/hex8_2p/big.jsonl", big);

    assertThat(pull(files).getFilesCompleted()).isEqualTo(4);
    assertThat(target.root.resolve("selfplay/hex8_2p/big.jsonl")).hasBinaryContent(big);
  }

  @Test
  void packTellsInEachPlaceWhatIsNotSent() throws Exception {
    var files = written(2, 100);
    var entries =
        new ArrayList<>(
            files.entrySet().stream().map(e -> entry(e.getKey(), e.getValue())).toList());
    entries.add(entry("selfplay/missing.jsonl", new byte[1]));
    byte[] big = new byte[PackSender.MOST_BYTES + 1];
    source.write("selfplay/big.jsonl", big);
    entries.add(entry("selfplay/big.jsonl", big));

    var answered = packed(entries);

    assertThat(answered)
        .extracting(PackedFile::getReason)
        .containsExactly("", "", "FILE_NOT_FOUND", "INVALID_ARGUMENT");
    assertThat(answered.get(0).getContent().toByteArray())
        .isEqualTo(files.values().iterator().next());
  }

  @Test
  void hostilePathOfAPackIsRefusedByField() {
    assertThatThrownBy(() -> packed(List.of(entry("../secret.db", new byte[0]))))
        .hasMessageContaining("path");
  }

  private List<PackedFile> packed(List<FileEntry> entries) {
    var request = ReadFilesRequest.newBuilder().addAllFiles(entries).build();
    var all = new ArrayList<PackedFile>();
    source.stub().readFiles(request).forEachRemaining(part -> all.addAll(part.getFilesList()));
    return all;
  }
}
