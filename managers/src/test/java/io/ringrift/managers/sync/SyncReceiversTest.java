package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.Transfer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that are brought nothing, and nodes that come first.
final class SyncReceiversTest {
  @TempDir private Path folder;

  private List<String> targets(int copies, List<String> excluded, List<String> preferred)
      throws IOException {
    var receivers = new SyncConfig.Receivers(100, excluded, preferred);
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
  void whoComesFirstGetsTheCopy() throws IOException {
    assertThat(targets(2, List.of(), List.of())).containsExactly("b");
    assertThat(targets(2, List.of(), List.of("mac-2"))).containsExactly("mac-2");
  }

  @Test
  void aGlobCoversWholeNames() {
    assertThat(Glob.covers("mac-?", new NodeId("mac-1"))).isTrue();
    assertThat(Glob.covers("mac", new NodeId("mac-1"))).isFalse();
    assertThat(Glob.covers("m.c-1", new NodeId("mac-1"))).isFalse();
  }
}
