package io.ringrift.managers.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One copy of a file is enough, but nodes that play shall have the model in office all the same.
final class ModelSpreadTest {
  private static final String MODEL = "models/hex5_2p/m.bin";
  private static final byte[] CONTENT = "weights".getBytes(UTF_8);

  @TempDir private Path folder;
  private SyncCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = SyncCluster.withTarget(folder, 1, "a", "b", "c", "d");
    cluster.node("a").write(MODEL, CONTENT);
    view("b", false, NodeFacts.newBuilder().addCapabilities("selfplay"));
    view("c", false, NodeFacts.newBuilder().addCapabilities("training"));
    view("d", false, NodeFacts.newBuilder().addCapabilities("gauntlet"));
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void view(String name, boolean draining, NodeFacts.Builder facts) {
    cluster.views.removeIf(view -> view.getNodeId().equals(name));
    cluster.views.add(
        NodeView.newBuilder().setNodeId(name).setDraining(draining).setFacts(facts).build());
  }

  private void model(ModelState state) {
    cluster.learning.models.clear();
    cluster.learning.models.add(
        Model.newBuilder()
            .setModelId("m")
            .setConfigKey("hex5_2p")
            .setPath(MODEL)
            .setSha256(FakeSource.sha256(CONTENT))
            .setState(state)
            .setSequence(1)
            .build());
  }

  private List<String> plannedTargets() {
    return cluster
        .node("a")
        .stub()
        .planSync(PlanSyncRequest.getDefaultInstance())
        .getPlan()
        .getTransfersList()
        .stream()
        .map(transfer -> transfer.getTargetNodeId() + " " + transfer.getFiles(0).getPath())
        .toList();
  }

  private Path at(String node) {
    return cluster.node(node).root.resolve(MODEL);
  }

  @Test
  void aCandidateStaysWhereItIs() {
    model(ModelState.MODEL_STATE_CANDIDATE);

    assertThat(plannedTargets()).isEmpty();
  }

  @Test
  void afterItsPromotionItIsPlannedForAllWhoPlayAndArrivesThere() {
    model(ModelState.MODEL_STATE_PROMOTED);

    assertThat(plannedTargets()).containsExactly("b " + MODEL, "d " + MODEL);

    assertThat(cluster.run().getSuccess()).isTrue();
    assertThat(at("b")).hasBinaryContent(CONTENT);
    assertThat(at("d")).hasBinaryContent(CONTENT);
    assertThat(at("c")).doesNotExist();
    assertThat(plannedTargets()).isEmpty();
  }

  @Test
  void whoDrainsOrHasNoRoomGetsNone() {
    model(ModelState.MODEL_STATE_PROMOTED);
    view("b", true, NodeFacts.newBuilder().addCapabilities("selfplay"));
    view("d", false, NodeFacts.newBuilder().setDiskPercent(100).setDiskFreeBytes(1));

    assertThat(plannedTargets()).isEmpty();
  }

  @Test
  void aModelOutOfOfficeIsWantedNowhereElse() {
    model(ModelState.MODEL_STATE_RETIRED);

    assertThat(plannedTargets()).isEmpty();
  }
}
