package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.junit.jupiter.api.Test;

/// How long a vote that is let through bars an office: until Ratis has decided about it.
final class GuardedServiceTest {
  private static final Moment START = new Moment(0);
  private static final Moment LEASE = START.plus(Duration.ofSeconds(1));

  private final GuardedService service =
      new GuardedService(
          new NodeId("n1"),
          new VoteGuard(Duration.ofMillis(500), START.minus(Duration.ofSeconds(1)), true),
          () -> START);

  /// Nobody is at the other end.
  private static final class Call
      extends ServerCall<RequestVoteRequestProto, RequestVoteReplyProto> {
    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(RequestVoteReplyProto message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<RequestVoteRequestProto, RequestVoteReplyProto> getMethodDescriptor() {
      return RaftServerProtocolServiceGrpc.getRequestVoteMethod();
    }
  }

  private ServerCall.Listener<RequestVoteRequestProto> asked(boolean preVote, Runnable decides) {
    var listener =
        service.interceptCall(
            new Call(),
            new Metadata(),
            (_, _) ->
                new ServerCall.Listener<RequestVoteRequestProto>() {
                  @Override
                  public void onHalfClose() {
                    decides.run();
                  }
                });
    var call =
        RaftRpcRequestProto.newBuilder()
            .setRequestorId(ByteString.copyFromUtf8("n2"))
            .setReplyId(ByteString.copyFromUtf8("n1"));
    listener.onMessage(
        RequestVoteRequestProto.newBuilder().setServerRequest(call).setPreVote(preVote).build());
    return listener;
  }

  private boolean holds() {
    return service.holdsOffice(LEASE, service.settled());
  }

  @Test
  void aVoteBarsAnOfficeUntilRatisHasDecided() {
    var listener = asked(false, () -> assertThat(holds()).isFalse());
    assertThat(holds()).isFalse();
    listener.onHalfClose();
    assertThat(holds()).isTrue();
  }

  @Test
  void aPreVoteBindsNobodyAndBarsNothing() {
    var _ = asked(true, () -> {});
    assertThat(holds()).isTrue();
  }

  @Test
  void aVoteThatRatisNeverDecidesAboutBarsNothing() {
    asked(false, () -> {}).onCancel();
    assertThat(holds()).isTrue();
  }

  @Test
  void aVoteThatEndsInAnExceptionBarsNothing() {
    var listener =
        asked(
            false,
            () -> {
              throw new IllegalStateException("closed");
            });
    assertThatThrownBy(listener::onHalfClose).hasMessage("closed");
    assertThat(holds()).isTrue();
    listener.onCancel();
    assertThat(holds()).as("settled once").isTrue();
  }
}
