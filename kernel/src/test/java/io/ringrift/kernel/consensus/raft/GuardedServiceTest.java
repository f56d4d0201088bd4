package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.junit.jupiter.api.Test;

/// How long a vote that is let through bars an office: until Ratis has decided about it; and which
/// answers go out.
final class GuardedServiceTest {
  private static final Moment START = new Moment(0);
  private static final long SYNCED = 7;
  private static final Moment LEASE = START.plus(Duration.ofSeconds(1));

  private final GuardedService service =
      new GuardedService(
          new NodeId("n1"),
          new VoteGuard(Duration.ofMillis(500), START.minus(Duration.ofSeconds(1)), true),
          () -> START,
          () -> SYNCED);

  /// Keeps what the other end would see.
  private static final class Call<Q, R> extends ServerCall<Q, R> {
    private final MethodDescriptor<Q, R> method;
    final List<R> sent = new ArrayList<>();
    final List<Status> ended = new ArrayList<>();

    Call(MethodDescriptor<Q, R> method) {
      this.method = method;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(R message) {
      sent.add(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      ended.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
      return method;
    }
  }

  private ServerCall.Listener<RequestVoteRequestProto> asked(boolean preVote, Runnable decides) {
    var listener =
        service.interceptCall(
            new Call<>(RaftServerProtocolServiceGrpc.getRequestVoteMethod()),
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

  private static AppendEntriesReplyProto took(long matchIndex) {
    return AppendEntriesReplyProto.newBuilder()
        .setResult(AppendResult.SUCCESS)
        .setMatchIndex(matchIndex)
        .build();
  }

  /// An entry that a voter is still writing, and that comes once more, Ratis would call taken.
  @Test
  void whatIsNotSyncedIsNotCalledTaken() {
    var end = new Call<>(RaftServerProtocolServiceGrpc.getAppendEntriesMethod());
    service.interceptCall(
        end,
        new Metadata(),
        (call, _) -> {
          call.sendMessage(took(SYNCED));
          call.sendMessage(took(SYNCED + 1));
          call.sendMessage(took(SYNCED));
          call.close(Status.OK, new Metadata());
          return new ServerCall.Listener<>() {};
        });
    assertThat(end.sent).containsExactly(took(SYNCED));
    assertThat(end.ended)
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(status.getDescription()).contains("entry " + (SYNCED + 1));
            });
  }
}
