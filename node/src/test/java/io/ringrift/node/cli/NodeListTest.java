package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import org.junit.jupiter.api.Test;

class NodeListTest {
  @Test
  void whyANodeClaimsNothingIsSeenInTheList() {
    var facts = NodeFacts.newBuilder().addConditions("short_of_memory");
    assertThat(NodeCommand.ListNodes.row(NodeView.newBuilder().setFacts(facts).build()))
        .endsWith("short_of_memory");
    assertThat(NodeCommand.ListNodes.row(NodeView.getDefaultInstance())).endsWith("-");
  }
}
