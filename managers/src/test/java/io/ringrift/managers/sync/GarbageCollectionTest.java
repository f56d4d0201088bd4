package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.placement.v1.NodeView;
import io.ringrift.sync.v1.CollectGarbageRequest;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.GarbageFile;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.NodeGarbage;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Four nodes hold the checkpoint of a run that has ended; two copies shall stay.
final class GarbageCollectionTest {
  private static final String PATH = "training/hex5_2p/run1_e0003.checkpoint";
  private static final byte[] CONTENT = "weights of epoch three".getBytes(UTF_8);
  private static final List<String> ALL = List.of("a", "b", "c", "d");

  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = SyncCluster.withTarget(folder, 2, ALL.toArray(String[]::new));
    cluster.learning.runs.add(
        TrainingRun.newBuilder()
            .setTrainingId("run1")
            .setState(TrainingState.TRAINING_STATE_COMPLETE)
            .build());
    for (String name : ALL) {
      cluster.node(name).write(PATH, CONTENT);
      SyncCluster.age(cluster.node(name).root.resolve(PATH), Duration.ofDays(2));
    }
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private NodeGarbage collect(String node, boolean dryRun) {
    return cluster
        .node(node)
        .stub()
        .collectGarbage(CollectGarbageRequest.newBuilder().setDryRun(dryRun).build())
        .getNodes(0);
  }

  private List<String> holders() {
    return ALL.stream()
        .filter(name -> Files.exists(cluster.node(name).root.resolve(PATH)))
        .toList();
  }

  @Test
  void dryRunTellsAndRemovesNothing() {
    var told = collect("d", true);

    assertThat(told.getRemovedList()).extracting(GarbageFile::getPath).containsExactly(PATH);
    assertThat(told.getRemoved(0).getHolderNodeIdsList()).containsExactly("a", "b", "c");
    assertThat(told.getRemoved(0).getKind()).isEqualTo("checkpoint");
    assertThat(holders()).isEqualTo(ALL);
    assertThat(cluster.events()).isEmpty();
  }

  @Test
  void copiesBeyondTheTargetGoAndTheTargetStays() {
    var response =
        cluster
            .node("a")
            .stub()
            .collectGarbage(CollectGarbageRequest.newBuilder().setCluster(true).build());

    assertThat(response.getNodesList())
        .extracting(NodeGarbage::getRemovedCount)
        .containsExactly(0, 0, 1, 1);
    assertThat(holders()).containsExactly("a", "b");
    assertThat(cluster.events()).containsOnly("DATA_GARBAGE_REMOVED");
    assertThat(collect("d", false).getRemovedList()).isEmpty();
    assertThat(collect("b", false).getRemovedList()).isEmpty();
  }

  @Test
  void holderThatDrainsConfirmsNothing() {
    for (String name : List.of("a", "b")) {
      cluster.views.add(NodeView.newBuilder().setNodeId(name).setDraining(true).build());
    }

    assertThat(collect("d", false).getRemovedList()).isEmpty();
    assertThat(holders()).isEqualTo(ALL);
  }

  @Test
  void whenAllCollectAtOnceTheTargetIsNeverUndercut() throws Exception {
    for (int round = 0; round < 20; round++) {
      for (String name : ALL) {
        cluster.node(name).write(PATH, CONTENT);
        SyncCluster.age(cluster.node(name).root.resolve(PATH), Duration.ofDays(2));
      }
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var asks = ALL.stream().map(n -> (Callable<NodeGarbage>) () -> collect(n, false)).toList();
        for (var one : threads.invokeAll(asks)) {
          assertThat(one.get().getError()).isEmpty();
        }
      }
      assertThat(holders()).contains("a", "b");
    }
  }

  @Test
  void nothingGoesWhenTheOtherHoldersVanish() {
    cluster.lead("d");
    cluster.node("a").die();
    cluster.node("b").die();

    assertThat(collect("d", false).getRemovedList()).isEmpty();
    assertThat(holders()).contains("c", "d");
  }

  @Test
  void holderThatVanishesWithoutAWordConfirmsNothing() {
    cluster.lead("d");
    cluster.node("a").cut();
    cluster.node("b").cut();

    var told = collect("d", false);

    assertThat(told.getRemovedList()).isEmpty();
    assertThat(holders()).contains("d");
  }

  @Test
  void holderWithAnotherHashConfirmsNothing() throws Exception {
    cluster.node("a").write(PATH, "something else".getBytes(UTF_8));
    cluster.node("b").write(PATH, "yet another".getBytes(UTF_8));

    assertThat(collect("d", false).getRemovedList()).isEmpty();
    assertThat(holders()).isEqualTo(ALL);
  }

  @Test
  void copyThatRottedBehindTheCacheConfirmsNothing() throws Exception {
    for (String name : List.of("a", "b")) {
      Path file = cluster.node(name).root.resolve(PATH);
      // The node has seen the file whole; now its bytes change under the same size and time.
      var _ = collect(name, true);
      var time = Files.getLastModifiedTime(file);
      byte[] rotten = CONTENT.clone();
      rotten[5] ^= 1;
      Files.write(file, rotten);
      Files.setLastModifiedTime(file, time);
    }

    var told = collect("d", false);

    assertThat(told.getRemovedList()).isEmpty();
    assertThat(told.getKept(0).getReason()).contains("2 have to");
    assertThat(holders()).contains("c", "d");
  }

  @Test
  void nodeKeepsWhatItHasPromisedUntilThePromiseEnds() {
    var asked =
        cluster
            .node("d")
            .stub()
            .haveFiles(HaveFilesRequest.newBuilder().addFiles(entry()).setKeep(true).build());
    assertThat(asked.getHeldList()).containsExactly(0);

    assertThat(collect("d", false).getKept(0).getReason()).contains("counts on this copy");
    assertThat(holders()).contains("d");

    cluster.skip(Pins.KEPT.plusSeconds(1));
    assertThat(collect("d", false).getRemovedCount()).isEqualTo(1);
  }

  @Test
  void youngFilesAndThoseOfUnknownRunsStay() throws Exception {
    Files.setLastModifiedTime(cluster.node("d").root.resolve(PATH), FileTime.from(Instant.now()));
    assertThat(collect("d", false).getRemovedList()).isEmpty();

    cluster.learning.runs.clear();
    assertThat(collect("c", false).getRemovedList()).isEmpty();
    assertThat(holders()).isEqualTo(ALL);
  }

  @Test
  void fetchAndCollectionAtOnceLeaveTheFileWholeOrAbsent() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path file = cluster.node("d").root.resolve(PATH);
      if (!Files.exists(file)) {
        cluster.node("d").write(PATH, CONTENT);
      }
      SyncCluster.age(file, Duration.ofDays(2));
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var fetched =
            threads.submit(
                () ->
                    cluster
                        .node("d")
                        .stub()
                        .fetchFiles(FetchFilesRequest.newBuilder().addFiles(entry()).build()));
        var collected = threads.submit(() -> collect("d", false));
        assertThat(fetched.get().getFailedList()).isEmpty();
        assertThat(collected.get().getError()).isEmpty();
      }
      assertThat(holders()).contains("a", "b");
      if (Files.exists(file)) {
        assertThat(file).hasBinaryContent(CONTENT);
      }
    }
  }

  @Test
  void whatWasPutAsideGoesOnceEnoughOthersHoldIt() throws Exception {
    byte[] mine = "mine".getBytes(UTF_8);
    String path = "models/hex5_2p/m.bin";
    for (String name : ALL) {
      cluster.node(name).write(path, mine);
    }
    Path aside = SafePath.under(cluster.node("d").root).aside(path, FakeSource.sha256(mine));
    Files.write(aside, mine);
    SyncCluster.age(aside, Duration.ofDays(2));
    Path unknown = Files.write(aside.resolveSibling("note"), mine);
    Path damaged = SafePath.under(cluster.node("d").root).aside(path, FakeSource.sha256(CONTENT));
    Files.write(damaged, CONTENT);

    var told = collect("d", false);

    assertThat(told.getRemovedList()).extracting(GarbageFile::getKind).contains("aside");
    assertThat(aside).doesNotExist();
    assertThat(unknown).exists();
    assertThat(damaged).exists();
    assertThat(cluster.node("d").root.resolve(path)).hasBinaryContent(mine);
  }

  @Test
  void aThousandFilesThatThisNodeKeepsDoNotKeepItFromTheNextOne() throws Exception {
    for (int i = 0; i < 1001; i++) {
      String path = "training/hex5_2p/run1_e%04d.checkpoint".formatted(1000 + i);
      for (String name : i < 1000 ? List.of("c") : ALL) {
        cluster.node(name).write(path, CONTENT);
        SyncCluster.age(cluster.node(name).root.resolve(path), Duration.ofDays(2));
      }
    }

    assertThat(collect("c", false).getRemovedList())
        .extracting(GarbageFile::getPath)
        .contains("training/hex5_2p/run1_e2000.checkpoint");
  }

  @Test
  void aThousandFilesThatHaveToStayAreNotLookedAtAgainBeforeTheNextOne() throws Exception {
    Files.delete(cluster.node("d").root.resolve(PATH));
    for (int i = 0; i < 1001; i++) {
      String path = "models/hex5_2p/m" + i + ".bin";
      cluster.node("d").write(path, CONTENT);
      byte[] content = ("content " + i).getBytes(UTF_8);
      Path aside = SafePath.under(cluster.node("d").root).aside(path, FakeSource.sha256(content));
      Files.write(aside, content);
      SyncCluster.age(aside, Duration.ofDays(2));
    }
    var first = collect("d", false);
    var second = collect("d", false);

    assertThat(first.getKeptCount()).isEqualTo(1000);
    assertThat(second.getKept(0).getSha256())
        .isNotIn(first.getKeptList().stream().map(GarbageFile::getSha256).toList());
  }

  private static FileEntry entry() {
    return FileEntry.newBuilder().setPath(PATH).setSha256(FakeSource.sha256(CONTENT)).build();
  }
}
