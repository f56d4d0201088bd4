package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.RemoveVoterResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Changing the voters while one of three is dead.
class VoterQuorumTest extends ReplicaBed {
  private static VoterEntry entry(String node) {
    return VoterEntry.newBuilder()
        .setNodeId(node)
        .setHost("h")
        .setPort(1)
        .setRaftPort(2)
        .setSwimPort(3)
        .build();
  }

  @Override
  VoterHooks voterHooks() {
    return new VoterHooks(
        VoterList.newBuilder()
            .addVoters(entry("n1"))
            .addVoters(entry("n2"))
            .addVoters(entry("n3"))
            .build(),
        VOTERS,
        0,
        "lab",
        Optional.of(entry("n1")),
        List::of,
        _ -> {});
  }

  private VoterServiceGrpc.VoterServiceBlockingStub voters() {
    return VoterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private RemoveVoterResponse remove(String node) {
    return voters().removeVoter(RemoveVoterRequest.newBuilder().setNodeId(node).build());
  }

  private List<String> listed() {
    return voters().listVoters(ListVotersRequest.getDefaultInstance()).getVotersList().stream()
        .map(state -> state.getVoter().getNodeId())
        .toList();
  }

  /// Of n2 and n3 the one that is left could decide nothing, not even to take n1 back.
  @Test
  void listOfWhichTooFewAreThereIsRefusedAndTheDeadOneMayGo() {
    n3.reachable = false;
    leap = Duration.ofSeconds(3);
    long before = index();
    assertThatThrownBy(() -> remove("n1"))
        .hasMessageContainingAll("[n2] answer", "2 are needed to decide anything")
        .satisfies(failure -> assertThat(reasonOf(failure)).isEqualTo(Reason.VOTERS_REFUSED));
    assertThat(index()).isEqualTo(before);
    assertThat(listed()).containsExactly("n1", "n2", "n3");

    assertThat(remove("n3").getAlready()).isFalse();
    assertThat(listed()).containsExactly("n1", "n2");
  }
}
