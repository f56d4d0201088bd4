package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What transfers leave behind.
final class LeftoversTest {
  private static final Duration AGE = Duration.ofHours(24);
  private static final String PATH = "games/x.db";

  @TempDir private Path folder;
  private final Underway underway = new Underway();
  private final SyncCounters counters = new SyncCounters(Ticker.system());

  @Test
  void whatNobodyWentOnWithForItsAgeIsRemovedWithItsMarks() throws Exception {
    Path old = leave(PATH, 1, ".ranged", AGE.plusMinutes(1));
    Path marks = leave(PATH, 1, ".marks", AGE.plusMinutes(2));
    Path young = leave(PATH, 2, "", AGE.minusMinutes(1));

    leftovers().sweep();

    assertThat(old).doesNotExist();
    assertThat(marks).doesNotExist();
    assertThat(young).exists();
    assertThat(counters.read())
        .containsEntry("partial_files_removed", 2L)
        .containsEntry("partial_bytes_removed", 20L);
  }

  @Test
  void aTransferOfWhichAnyFileIsYoungStaysWhole() throws Exception {
    Path data = leave(PATH, 1, ".ranged", AGE.plusMinutes(1));
    leave(PATH, 1, ".marks", Duration.ofMinutes(1));

    leftovers().sweep();

    assertThat(data).exists();
  }

  @Test
  void aTransferUnderWayLosesNothing() throws Exception {
    Path old = leave(PATH, 1, "", AGE.plusMinutes(1));
    assertThat(underway.begin(PATH)).isTrue();

    leftovers().sweep();
    assertThat(old).exists();

    underway.end(PATH);
    leftovers().sweep();
    assertThat(old).doesNotExist();
  }

  @Test
  void whatSomebodyWentOnWithMeanwhileStays() throws Exception {
    Path old = leave(PATH, 1, "", AGE.plusMinutes(1));

    leftovers(
            () -> {
              // The sweep has read the times and not yet taken the claim.
              goOn(old);
              return Instant.now();
            })
        .sweep();

    assertThat(old).exists();
  }

  private static void goOn(Path file) {
    try {
      SyncCluster.age(file, Duration.ZERO);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whileSomethingIsRemovedNoTransferOfItBegins() {
    assertThat(underway.beginHash(SafePath.pathHash(PATH))).isTrue();

    assertThat(underway.begin(PATH)).isFalse();
    underway.endHash(SafePath.pathHash(PATH));
    assertThat(underway.begin(PATH)).isTrue();
  }

  @Test
  void beyondTheMostTheOldestGo() throws Exception {
    for (int i = 0; i < Leftovers.MOST + 3; i++) {
      leave(PATH, i, "", Duration.ofMinutes(1000 - i % 1000));
    }
    Path oldest = leave(PATH, 5000, "", Duration.ofHours(20));
    Path newest = leave(PATH, 5001, "", Duration.ZERO);

    leftovers().sweep();

    assertThat(leftovers().sum())
        .isEqualTo(new Leftovers.Sum(Leftovers.MOST, 10L * Leftovers.MOST));
    assertThat(oldest).doesNotExist();
    assertThat(newest).exists();
  }

  @Test
  void theStatusTellsThemAndTheScanRemovesThoseWhoseContentIsHere() throws Exception {
    try (var cluster = new SyncCluster(folder, "a", "b")) {
      var b = cluster.node("b");
      byte[] content = new byte[100];
      b.write(PATH, content);
      Path partial = SafePath.under(b.root).partial(PATH, FakeSource.sha256(content));
      Files.write(partial, new byte[7]);
      Path other = SafePath.under(b.root).partial(PATH, FakeSource.sha256(new byte[8]));
      Files.write(other, new byte[8]);

      assertThat(status(b)).returns(2L, GetSyncStatusResponse::getPartialFiles);
      assertThat(status(b)).returns(15L, GetSyncStatusResponse::getPartialBytes);
      collect(b.planner);

      assertThat(partial).doesNotExist();
      assertThat(status(b)).returns(8L, GetSyncStatusResponse::getPartialBytes);
      assertThat(status(b).getCountersMap()).containsEntry("partial_files_removed", 1L);
    }
  }

  private static GetSyncStatusResponse status(SyncCluster.Node node) {
    return node.stub().getSyncStatus(GetSyncStatusRequest.getDefaultInstance());
  }

  private static void collect(SyncPlanner planner) throws Exception {
    LoopSpec loop =
        planner.loops().stream()
            .filter(one -> one.name().equals("manifest_collection"))
            .findFirst()
            .orElseThrow();
    loop.round().run(Optional.empty());
  }

  private Leftovers leftovers() {
    return leftovers(Instant::now);
  }

  private Leftovers leftovers(Supplier<Instant> wallClock) {
    var paths = SafePath.under(folder);
    var scanner =
        new ManifestScanner(
            new NodeId("a"), paths, new MemoryDigestCache(), ManifestScanner.MOST_FILES);
    return new Leftovers(paths, underway, scanner, AGE, counters, wallClock);
  }

  /// Ten bytes of a content that has this number.
  private Path leave(String path, int content, String ending, Duration age) throws IOException {
    Path partial = SafePath.under(folder).partial(path, FileDigest.ofText("content " + content));
    Path file = partial.resolveSibling(partial.getFileName() + ending);
    Files.write(file, new byte[10]);
    SyncCluster.age(file, age);
    return file;
  }
}
