package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A change of the voters whose leader is gone between the two steps that raft and hybrid need: the
/// log has the new voters, and the entry that decides is missing.
class VoterOrphanTest extends QueueBed {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");

  private static VoterEntry.Builder entry(NodeId node) {
    return VoterEntry.newBuilder()
        .setNodeId(node.value())
        .setHost("h")
        .setPort(1)
        .setRaftPort(2)
        .setSwimPort(3);
  }

  @Override
  VoterHooks voterHooks() {
    return new VoterHooks(
        VoterList.newBuilder().addVoters(entry(N1)).addVoters(entry(N2)).build(),
        List.of(N1, N2),
        0,
        "lab",
        Optional.of(entry(N1).build()),
        List::of,
        _ -> {});
  }

  private VoterServiceGrpc.VoterServiceBlockingStub voters() {
    return VoterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private List<String> listed() {
    return voters().listVoters(ListVotersRequest.getDefaultInstance()).getVotersList().stream()
        .map(state -> state.getVoter().getNodeId())
        .toList();
  }

  @Test
  void nextLeaderDecidesWhatRaftAlreadyGoesBy() {
    consensus.inLog = List.of(N1, N2);
    consensus.behindReconfigure =
        () -> {
          consensus.follow("n2", 2);
          assertThat(listed()).containsExactly("n1", "n2");
          consensus.lead(3);
        };
    var request = RemoveVoterRequest.newBuilder().setNodeId("n2").build();
    assertThatThrownBy(() -> voters().removeVoter(request)).isNotNull();
    await().untilAsserted(() -> assertThat(listed()).containsExactly("n1"));
    assertThat(consensus.reconfigured).containsExactly(List.of(N1));
    assertThat(voters().removeVoter(request).getAlready()).isTrue();
  }

  /// Raft's voters are neither the list's nor the wanted ones: no change begins from there.
  @Test
  void raftThatGoesByOthersThanTheListIsBroughtBackBeforeItChanges() {
    consensus.inLog = List.of(N1, N2, new NodeId("n3"));
    var request = RemoveVoterRequest.newBuilder().setNodeId("n2").build();
    assertThatThrownBy(() -> voters().removeVoter(request))
        .satisfies(failure -> assertThat(reasonOf(failure)).isEqualTo(Reason.VOTERS_REFUSED));
    await().untilAsserted(() -> assertThat(consensus.inLog).containsExactly(N1, N2));
    assertThat(listed()).containsExactly("n1", "n2");
    assertThat(voters().removeVoter(request).getAlready()).isFalse();
    assertThat(consensus.reconfigured).containsExactly(List.of(N1, N2), List.of(N1));
  }
}
