package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.VoterCluster.PATIENCE;
import static io.ringrift.kernel.consensus.bully.VoterCluster.id;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.bully.VoterCluster.Running;
import io.ringrift.kernel.store.LogStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots, compaction and installation between real voters with real stores.
@Timeout(90)
final class SnapshotInstallTest {
  private static final int EVERY = 20;
  private static final int KEEP = 5;

  @TempDir Path root;

  private VoterCluster cluster() {
    var cluster = new VoterCluster(root, 3);
    cluster.snapshots(EVERY, KEEP);
    cluster.startAll();
    return cluster;
  }

  /// One after the other, so that snapshots are due in between.
  private static void proposeRow(VoterCluster cluster, String name, int rows) {
    for (int row = 0; row < rows; row++) {
      int of = row;
      cluster.propose(name + row);
      var leader = cluster.leader();
      var epoch = leader.consensus().leadership().epoch();
      var futures =
          IntStream.range(0, EVERY)
              .mapToObj(i -> name + of + "." + i)
              .map(c -> leader.consensus().ledger().propose(epoch, c.getBytes(UTF_8)))
              .toList();
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
    }
  }

  private static NodeId aFollower(VoterCluster cluster) {
    return cluster.leader().id().equals(id(1)) ? id(2) : id(1);
  }

  private static int number(NodeId id) {
    return id.value().charAt(1) - '0';
  }

  private static void awaitEqual(Running late, Running leader) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var there = leader.consensus().ledger().status();
              var here = late.consensus().ledger().status();
              assertThat(here.appliedIndex()).isEqualTo(there.appliedIndex());
              assertThat(here.stateHash()).isEqualTo(there.stateHash());
            });
    assertThat(late.machine().commands).isEqualTo(leader.machine().commands);
  }

  private long floorOfLog(VoterCluster cluster, NodeId id) {
    try (var log = LogStore.open(cluster.folder(number(id)).resolve("log"))) {
      return log.recover().floor().index();
    }
  }

  @Test
  void aFollowerAwayForLongerThanTheLogReachesIsBroughtUpBySnapshot() {
    try (var cluster = cluster()) {
      cluster.propose("first");
      NodeId away = aFollower(cluster);
      cluster.stop(away);
      long endBefore = endOfLog(cluster, away);
      proposeRow(cluster, "missed", 5);
      assertThat(cluster.leader().consensus().ledger().status().snapshotIndex())
          .as("compacted beyond the end of the follower's log")
          .isGreaterThan(endBefore + KEEP);
      var late = cluster.start(number(away));
      awaitEqual(late, cluster.leader());
      cluster.stop(away);
      assertThat(floorOfLog(cluster, away)).isGreaterThan(endBefore);
    }
  }

  private long endOfLog(VoterCluster cluster, NodeId id) {
    try (var log = LogStore.open(cluster.folder(number(id)).resolve("log"))) {
      return log.recover().end().index();
    }
  }

  @Test
  void aFollowerWithAnEmptyFolderIsBroughtUpBySnapshot() throws IOException {
    try (var cluster = cluster()) {
      proposeRow(cluster, "early", 3);
      NodeId wiped = aFollower(cluster);
      cluster.stop(wiped);
      wipe(cluster.folder(number(wiped)));
      var late = cluster.start(number(wiped));
      awaitEqual(late, cluster.leader());
      assertThat(late.consensus().ledger().status().snapshotIndex()).isPositive();
      proposeRow(cluster, "later", 1);
      awaitEqual(late, cluster.leader());
    }
  }

  @Test
  void aVoterStartsFromItsSnapshotAndGoesOnWithItsLog() {
    try (var cluster = cluster()) {
      proposeRow(cluster, "c", 3);
      cluster.propose("behind the snapshot");
      List<String> all = List.copyOf(cluster.leader().machine().commands);
      for (int n = 1; n <= 3; n++) {
        cluster.stop(id(n));
      }
      var alone = cluster.start(1);
      assertThat(alone.machine().commands)
          .as("a voter without a quorum knows what its snapshot holds")
          .hasSizeGreaterThanOrEqualTo(EVERY)
          .isEqualTo(all.subList(0, alone.machine().commands.size()));
      cluster.start(2);
      assertThat(cluster.propose("new").position().index()).isPositive();
      assertThat(cluster.leader().machine().commands)
          .startsWith(all.toArray(String[]::new))
          .endsWith("new");
    }
  }

  private static void wipe(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(SnapshotInstallTest::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
