package io.ringrift.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SPEC 14, voters: an address is no name of a voter.
class NodeIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "n1:7947", "10.0.0.1:7947", "n 1", "-n1", "n1/x"})
  void whatIsNoNameIsRefused(String text) {
    assertThatThrownBy(() -> new NodeId(text))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("node_id");
  }
}
