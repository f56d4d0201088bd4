package io.ringrift.kernel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.ElectionServiceGrpc.ElectionServiceBlockingStub;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.Role;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.TransferLeadershipRequest;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ElectionRpcTest {
  private static final Moment NOW = new Moment(1_000_000_000L);
  private static final Endpoint AT_N2 = new Endpoint("10.0.0.2", 8770);

  private @Nullable Server server;
  private @Nullable ManagedChannel channel;

  private ElectionServiceBlockingStub serve(FakeConsensus consensus, boolean known)
      throws IOException {
    String name = UUID.randomUUID().toString();
    var address =
        new LeaderAddress(
            () -> consensus.leadership().leader(),
            id -> known && id.equals(FakeConsensus.N2) ? Optional.of(AT_N2) : Optional.empty());
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(
                    new ElectionRpc(consensus, () -> NOW), new ErrorMapping(), address))
            .build()
            .start();
    var opened = InProcessChannelBuilder.forName(name).build();
    channel = opened;
    return ElectionServiceGrpc.newBlockingStub(opened);
  }

  @AfterEach
  void end() {
    if (channel != null) {
      channel.shutdownNow();
    }
    if (server != null) {
      server.shutdownNow();
    }
  }

  private static Refusal refusalOf(ThrowingCallable call) {
    var thrown = new StatusRuntimeException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(StatusRuntimeException.class, e -> thrown[0] = e);
    return Errors.fromStatus(thrown[0]);
  }

  @Test
  void aLeaderTellsItsEpochVotersAndWhatIsLeftOfItsLease() throws IOException {
    var stub = serve(FakeConsensus.leading(new Moment(3_500_000_000L)), true);
    var answer = stub.getLeadership(GetLeadershipRequest.getDefaultInstance());
    assertThat(answer.getRole()).isEqualTo(Role.ROLE_LEADER);
    assertThat(answer.getLeaderId()).isEqualTo("n1");
    assertThat(answer.getEpoch()).isEqualTo(7);
    assertThat(answer.getVotersList()).containsExactly("n1", "n2");
    assertThat(answer.getQuorum()).isEqualTo(2);
    assertThat(answer.getLeaseLeft().getSeconds()).isEqualTo(2);
    assertThat(answer.getLeaseLeft().getNanos()).isEqualTo(500_000_000);
  }

  @Test
  void aLeaseThatIsOverIsNotShownAsLeft() throws IOException {
    var stub = serve(FakeConsensus.leading(NOW), true);
    assertThat(stub.getLeadership(GetLeadershipRequest.getDefaultInstance()).hasLeaseLeft())
        .isFalse();
  }

  @Test
  void steppingDownTellsTheEpochThatWasLeftAndKeepsTheCause() throws IOException {
    var consensus = FakeConsensus.leading(new Moment(9_000_000_000L));
    var stub = serve(consensus, true);
    assertThat(stub.stepDown(StepDownRequest.newBuilder().setCause("drill").build()).getEpoch())
        .isEqualTo(7);
    assertThat(consensus.cause).isEqualTo("drill");
    stub.stepDown(StepDownRequest.getDefaultInstance());
    assertThat(consensus.cause).isEqualTo("operator");
  }

  @Test
  void aCauseThatIsTooLongIsRefusedByName() throws IOException {
    var stub = serve(FakeConsensus.leading(new Moment(9_000_000_000L)), true);
    var request = StepDownRequest.newBuilder().setCause("x".repeat(201)).build();
    var refusal = refusalOf(() -> stub.stepDown(request));
    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refusal.details()).containsEntry("field", "cause");
  }

  @Test
  void transferTellsWhoWasNominated() throws IOException {
    var stub = serve(FakeConsensus.leading(new Moment(9_000_000_000L)), true);
    var answer =
        stub.transferLeadership(
            TransferLeadershipRequest.newBuilder().setTargetNodeId("n2").build());
    assertThat(answer.getTargetNodeId()).isEqualTo("n2");
    assertThat(answer.getEpoch()).isEqualTo(7);
    var bad = TransferLeadershipRequest.newBuilder().setTargetNodeId("no such id!").build();
    assertThat(refusalOf(() -> stub.transferLeadership(bad)).reason())
        .isEqualTo(Reason.INVALID_ARGUMENT);
  }

  @Test
  void aFollowerRefusesNamingTheLeaderAndWhereItListens() throws IOException {
    var stub = serve(FakeConsensus.following(), true);
    var expected = Map.of("leader_id", "n2", "leader_address", "10.0.0.2:8770");
    var stepDown = refusalOf(() -> stub.stepDown(StepDownRequest.getDefaultInstance()));
    assertThat(stepDown.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(stepDown.details()).containsAllEntriesOf(expected);
    var transfer =
        refusalOf(() -> stub.transferLeadership(TransferLeadershipRequest.getDefaultInstance()));
    assertThat(transfer.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(transfer.details()).containsAllEntriesOf(expected);
    assertThat(transfer.text()).isEqualTo("does not lead");
  }

  @Test
  void anUnknownAddressIsLeftOut() throws IOException {
    var stub = serve(FakeConsensus.following(), false);
    var refusal = refusalOf(() -> stub.stepDown(StepDownRequest.getDefaultInstance()));
    assertThat(refusal.details())
        .containsEntry("leader_id", "n2")
        .doesNotContainKey("leader_address");
  }

  @Test
  void withoutALeaderTheRefusalNamesNone() throws IOException {
    var stub = serve(new FakeConsensus(), true);
    var refusal = refusalOf(() -> stub.stepDown(StepDownRequest.getDefaultInstance()));
    assertThat(refusal.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(refusal.details()).isEmpty();
  }
}
