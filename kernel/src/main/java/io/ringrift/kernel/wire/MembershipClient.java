package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.AnnounceLeaveRequest;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The calls that membership makes. Each blocks until the answer or its deadline and throws a
/// `Refusal`; meant for virtual threads. Not retried here.
public final class MembershipClient {
  private final Duration deadline;

  /// @param deadline longest wait for each answer
  public MembershipClient(Duration deadline) {
    this.deadline = deadline;
  }

  public Welcome hello(Channel channel, Intro intro, ClusterSettings settings) {
    return call(
        channel,
        stub -> MembershipProtos.welcome(stub.hello(MembershipProtos.hello(intro, settings))));
  }

  public PollAnswer poll(Channel channel, PollCall call) {
    return call(
        channel, stub -> MembershipProtos.pollAnswer(stub.pollNode(MembershipProtos.proto(call))));
  }

  public void leave(Channel channel, Intro intro, String clusterId) {
    var request =
        AnnounceLeaveRequest.newBuilder()
            .setIntro(MembershipProtos.proto(intro))
            .setClusterId(clusterId)
            .build();
    var _ = call(channel, stub -> stub.withWaitForReady().announceLeave(request));
  }

  private <T> T call(
      Channel channel, Function<MembershipServiceGrpc.MembershipServiceBlockingStub, T> ask) {
    if (channel instanceof ManagedChannel managed) {
      // the beat of the polls is the retry: the channel's own pause, which grows to minutes, would
      // hide a peer that is back
      managed.resetConnectBackoff();
    }
    try {
      return ask.apply(
          MembershipServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      throw refusal;
    }
  }
}
