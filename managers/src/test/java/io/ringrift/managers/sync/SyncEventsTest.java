package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.RunSyncResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the events of a run tell, and in whose name.
final class SyncEventsTest {
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

  private Map<String, String> attributes(String kind) {
    return cluster.recorded().stream()
        .map(one -> one.getCommand().getRecordEvent())
        .filter(event -> event.getKind().equals(kind))
        .findFirst()
        .orElseThrow()
        .getAttributesMap();
  }

  @Test
  void aRunTellsWhoMovedWhatWhereTo() throws IOException {
    cluster.node("b").write("games/b.db", new byte[1000]);
    String plan = cluster.run().getPlan().getPlanId();
    assertThat(attributes("DATA_SYNC_STARTED"))
        .containsEntry("node_id", "a")
        .containsEntry("plan_id", plan)
        .containsEntry("sync_type", "all")
        .containsEntry("jobs_total", "2")
        .containsEntry("target_nodes", "a,c")
        .containsEntry("files", "2")
        .containsEntry("bytes", "2000");
    assertThat(attributes("DATA_SYNC_COMPLETED"))
        .containsEntry("node_id", "a")
        .containsEntry("target_nodes", "a,c")
        .containsEntry("files", "2")
        .containsEntry("bytes", "2000")
        .containsEntry("failed", "0")
        .doesNotContainKey("error")
        .hasEntrySatisfying("seconds", text -> assertThat(text).matches("\\d+\\.\\d{3}"));
  }

  @Test
  void theLeadersEventsCarryItsFence() throws IOException {
    cluster.lead("b");
    cluster.node("a").write("games/a.db", new byte[10]);
    cluster.run();
    assertThat(cluster.recorded())
        .hasSize(2)
        .extracting(ApplyCommandRequest::getFence)
        .allSatisfy(
            fence -> {
              assertThat(fence.getEpoch()).isEqualTo(2);
              assertThat(fence.getLeaderId()).isEqualTo("b");
            });
  }

  @Test
  void aRunThatFailedTellsItsLengthAndTheFirstCause() {
    var response =
        RunSyncResponse.newBuilder()
            .setFilesFailed(2)
            .addFailed(failed("games/x.db", "no room " + "x".repeat(1000)))
            .addFailed(failed("games/y.db", "cut"))
            .build();
    var news =
        new RunNews(
            new NodeId("a"), RunNews.Type.TRAINING, ToldPlan.of(CopyPlan.NOTHING, List.of()));
    assertThat(news.ended(response, Duration.ofMillis(1500)))
        .containsEntry("sync_type", "training")
        .containsEntry("failed", "2")
        .containsEntry("seconds", "1.500")
        .hasEntrySatisfying(
            "error", text -> assertThat(text).startsWith("games/x.db to c: no room").hasSize(500));
  }

  private static FailedFile failed(String path, String detail) {
    return FailedFile.newBuilder().setPath(path).setTargetNodeId("c").setDetail(detail).build();
  }
}
