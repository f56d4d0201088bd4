package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.state.v1.DescribeVoterRequest;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A node that is asked what it would be as a voter, and goes by a list of which it is one.
class ListedVoterTest extends QueueBed {
  @Override
  VoterHooks voterHooks() {
    var self = VoterEntry.newBuilder().setNodeId("n1").setHost("h").setPort(1).build();
    return new VoterHooks(
        VoterList.newBuilder().setVersion(4).addVoters(self).build(),
        List.of(new NodeId("n1")),
        4,
        "lab",
        Optional.of(self),
        List::of,
        _ -> {});
  }

  @Test
  void thatIsAnObstacleAtOnce() {
    var told =
        VoterServiceGrpc.newBlockingStub(channel)
            .describeVoter(DescribeVoterRequest.getDefaultInstance());
    assertThat(told.getObstaclesList())
        .singleElement()
        .asString()
        .contains("a voter already by its own list 4, n1");
  }
}
