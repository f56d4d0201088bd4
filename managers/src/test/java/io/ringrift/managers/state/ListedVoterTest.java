package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.DescribeVoterRequest;
import io.ringrift.state.v1.EndVoterChange;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A node that goes by a list of which it is one, at an address that its configuration gave it.
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

  private static Command.Builder stamped() {
    return Command.newBuilder().setEpoch(1).setLedgerMillis(1).setWallMillis(1);
  }

  /// The ledger goes on to say where the voter listened when its list was decided.
  @Test
  void votersAreListedWhereTheNodeDialsThem() {
    var decided =
        VoterList.newBuilder()
            .addVoters(
                VoterEntry.newBuilder()
                    .setNodeId("n1")
                    .setHost("former")
                    .setPort(9)
                    .setRaftPort(8)
                    .setSwimPort(7));
    var _ =
        ledger.propose(
            new Epoch(1),
            CommandBatch.newBuilder()
                .addCommands(
                    stamped()
                        .setBeginVoterChange(
                            BeginVoterChange.newBuilder().setChangeId("c").setVoters(decided)))
                .addCommands(
                    stamped().setEndVoterChange(EndVoterChange.newBuilder().setChangeId("c")))
                .build()
                .toByteArray());
    var listed =
        VoterServiceGrpc.newBlockingStub(channel)
            .listVoters(ListVotersRequest.getDefaultInstance());
    assertThat(listed.getVersion()).isEqualTo(4);
    assertThat(listed.getVoters(0).getVoter().getHost()).isEqualTo("h");
  }

  @Test
  void thatItIsAVoterIsAnObstacleAtOnce() {
    var told =
        VoterServiceGrpc.newBlockingStub(channel)
            .describeVoter(DescribeVoterRequest.getDefaultInstance());
    assertThat(told.getObstaclesList())
        .singleElement()
        .asString()
        .contains("a voter already by its own list 4, n1");
  }
}
