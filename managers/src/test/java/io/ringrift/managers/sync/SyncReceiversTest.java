package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.Transfer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that are brought nothing, and nodes that come first.
final class SyncReceiversTest {
  @TempDir private Path folder;

  private List<String> targets(int copies, List<String> excluded, List<String> preferred)
      throws IOException {
    var receivers = new SyncConfig.Receivers(100, 100, excluded, preferred);
    try (var cluster =
        SyncCluster.withReceivers(folder, copies, receivers, "a", "b", "mac-1", "mac-2")) {
      cluster.node("a").write("games/x.db", new byte[10]);
      return cluster
          .node("a")
          .stub()
          .planSync(PlanSyncRequest.getDefaultInstance())
          .getPlan()
          .getTransfersList()
          .stream()
          .map(Transfer::getTargetNodeId)
          .toList();
    }
  }

  @Test
  void whoIsExcludedIsBroughtNothing() throws IOException {
    assertThat(targets(0, List.of("mac-*"), List.of())).containsExactly("b");
  }

  @Test
  void whatAJobNeedsIsFetchedBeyondTheBoundOfPlans() throws Exception {
    var receivers = new SyncConfig.Receivers(1, 100, List.of(), List.of());
    try (var cluster = SyncCluster.withReceivers(folder, 0, receivers, "a", "b")) {
      cluster.node("a").write("models/x.pt", new byte[10]);
      assertThat(cluster.run().getFailed(0).getReason()).isEqualTo("DISK_FULL");
      var wanted =
          FileEntry.newBuilder()
              .setPath("models/x.pt")
              .setSha256(FakeSource.sha256(new byte[10]))
              .build();

      var fetched =
          cluster
              .node("b")
              .stub()
              .fetchFiles(FetchFilesRequest.newBuilder().addFiles(wanted).build());

      assertThat(fetched.getFailedList()).isEmpty();
      assertThat(cluster.node("b").root.resolve("models/x.pt")).exists();
    }
  }

  @Test
  void whoComesFirstGetsTheCopy() throws IOException {
    assertThat(targets(2, List.of(), List.of())).containsExactly("b");
    assertThat(targets(2, List.of(), List.of("mac-2"))).containsExactly("mac-2");
  }

  @Test
  void manyStarsTakeNoTime() {
    var name = new NodeId("a".repeat(63));
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          assertThat(Glob.covers("*a".repeat(31) + "*b", name)).isFalse();
          assertThat(Glob.covers("*".repeat(64), name)).isTrue();
          assertThat(Glob.covers("a*aa*?", name)).isTrue();
          assertThat(Glob.covers("a*b*", name)).isFalse();
        });
  }

  @Test
  void aGlobCoversWholeNames() {
    assertThat(Glob.covers("*-1", new NodeId("mac-1-1"))).isTrue();
    assertThat(Glob.covers("*-1", new NodeId("mac-12"))).isFalse();
    assertThat(Glob.covers("mac-?", new NodeId("mac-1"))).isTrue();
    assertThat(Glob.covers("mac", new NodeId("mac-1"))).isFalse();
    assertThat(Glob.covers("m.c-1", new NodeId("mac-1"))).isFalse();
  }
}
