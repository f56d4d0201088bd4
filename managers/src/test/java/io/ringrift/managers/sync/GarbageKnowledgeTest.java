package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.sync.v1.CollectGarbageRequest;
import io.ringrift.sync.v1.GarbageFile;
import io.ringrift.sync.v1.NodeGarbage;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What garbage collection knows when there are more runs and models than one answer holds.
final class GarbageKnowledgeTest {
  private static final String CHECKPOINT = "training/hex5_2p/run1_e0003.checkpoint";
  private static final String MODEL = "models/hex5_2p/m1.bin";
  private static final int MANY = 2500;

  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = SyncCluster.withTarget(folder, 1, "a", "b");
    for (String node : new String[] {"a", "b"}) {
      for (String path : new String[] {CHECKPOINT, MODEL}) {
        cluster.node(node).write(path, path.getBytes(UTF_8));
        SyncCluster.age(cluster.node(node).root.resolve(path), Duration.ofDays(2));
      }
    }
    for (int i = MANY; i > 1; i--) {
      cluster.learning.runs.add(run(i, TrainingState.TRAINING_STATE_COMPLETE));
      cluster.learning.models.add(model(i));
    }
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void theOldestRunAndModelAreKnown() {
    cluster.learning.runs.add(run(1, TrainingState.TRAINING_STATE_COMPLETE));
    cluster.learning.models.add(model(1));

    assertThat(collect().getRemovedList())
        .extracting(GarbageFile::getPath)
        .containsExactly(MODEL, CHECKPOINT);
  }

  @Test
  void aModelThatTheOldestRunGoesOnFromStays() {
    cluster.learning.runs.add(run(1, TrainingState.TRAINING_STATE_RUNNING));
    cluster.learning.models.add(model(1));

    var told = collect();

    assertThat(told.getError()).isEmpty();
    assertThat(told.getRemovedList()).isEmpty();
    assertThat(cluster.node("b").root.resolve(MODEL)).exists();
    assertThat(cluster.node("b").root.resolve(CHECKPOINT)).exists();
  }

  @Test
  void whatNobodyKnowsStays() {
    var told = collect();

    assertThat(told.getError()).isEmpty();
    assertThat(told.getRemovedList()).isEmpty();
    assertThat(cluster.node("b").root.resolve(MODEL)).exists();
    assertThat(cluster.node("b").root.resolve(CHECKPOINT)).exists();
  }

  @Test
  void underALeaderThatTellsOnlyTheNewestNothingIsRemoved() {
    cluster.learning.runs.add(0, run(1, TrainingState.TRAINING_STATE_COMPLETE));
    cluster.learning.models.add(0, model(1));
    cluster.learning.ignorePages();

    var response =
        cluster
            .node("a")
            .stub()
            .collectGarbage(CollectGarbageRequest.newBuilder().setCluster(true).build());

    assertThat(response.getNodesList())
        .allSatisfy(node -> assertThat(node.getError()).contains("nothing is removed"))
        .allSatisfy(node -> assertThat(node.getRemovedList()).isEmpty());
  }

  private NodeGarbage collect() {
    return cluster
        .node("b")
        .stub()
        .collectGarbage(CollectGarbageRequest.getDefaultInstance())
        .getNodes(0);
  }

  private static TrainingRun run(int number, TrainingState state) {
    return TrainingRun.newBuilder()
        .setTrainingId("run" + number)
        .setParentModelId("m" + number)
        .setState(state)
        .setSequence(number)
        .build();
  }

  private static Model model(int number) {
    return Model.newBuilder()
        .setModelId("m" + number)
        .setConfigKey("hex5_2p")
        .setPath("models/hex5_2p/m" + number + ".bin")
        .setSha256(FakeSource.sha256(MODEL.getBytes(UTF_8)))
        .setState(ModelState.MODEL_STATE_ARCHIVED)
        .setSequence(number)
        .build();
  }
}
