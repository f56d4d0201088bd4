package io.ringrift.managers.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoopOrderTest {
  @Test
  void dependenciesStartBeforeTheirDependants() {
    var order =
        LoopOrder.of(
            Map.of(
                "a", List.of("c"),
                "b", List.of("a"),
                "c", List.of()));
    assertThat(order.names()).containsExactly("c", "a", "b");
    assertThat(order.cyclic()).isEmpty();
  }

  @Test
  void unknownDependencyCountsAsMet() {
    assertThat(LoopOrder.of(Map.of("a", List.of("nowhere"))).names()).containsExactly("a");
  }

  @Test
  void membersOfACycleComeLast() {
    var order =
        LoopOrder.of(
            Map.of(
                "a", List.of("b"),
                "b", List.of("a"),
                "z", List.of()));
    assertThat(order.names()).containsExactly("z", "a", "b");
    assertThat(order.cyclic()).containsExactly("a", "b");
  }
}
