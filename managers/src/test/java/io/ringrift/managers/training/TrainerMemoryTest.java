package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.placement.v1.NodeView;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrainerMemoryTest {
  private static final long TENTH = (1L << 30) / 10;

  /// @param tenths of a GiB
  private static NodeView node(String id, String state, long tenths) {
    var view = NodeView.newBuilder().setNodeId(id).setState(state);
    view.getFactsBuilder().addCapabilities("training").setMemoryBytes(tenths * TENTH);
    return view.build();
  }

  private static String lack(NodeView... nodes) {
    return TrainerMemory.lack(List.of(nodes), TrainingConfig.defaults().trainer());
  }

  @Test
  void aMachineSoldWithEightGigabytesTrains() {
    assertThat(lack(node("a", "ALIVE", 76))).isEmpty();
  }

  @Test
  void whenTheBiggestNodeThatIsAliveIsTooSmallTheSettingIsNamed() {
    assertThat(lack(node("a", "ALIVE", 60), node("b", "ALIVE", 70), node("c", "DEAD", 640)))
        .contains("training.min_memory_gb is 8", "b, has 7.0 GiB");
  }

  @Test
  void nothingIsSaidOfMemoryThatIsNotKnown() {
    assertThat(lack(node("a", "ALIVE", 0))).isEmpty();
    assertThat(lack()).isEmpty();
  }
}
