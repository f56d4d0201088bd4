package io.ringrift.kernel.wire;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.AnnounceLeaveRequest;
import io.ringrift.membership.v1.AnnounceLeaveResponse;
import io.ringrift.membership.v1.AttachRequest;
import io.ringrift.membership.v1.AttachResponse;
import io.ringrift.membership.v1.HelloRequest;
import io.ringrift.membership.v1.HelloResponse;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.ListMembersResponse;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import io.ringrift.membership.v1.PollNodeRequest;
import io.ringrift.membership.v1.PollNodeResponse;
import io.ringrift.membership.v1.WatchMembersRequest;
import io.ringrift.membership.v1.WatchMembersResponse;

/// The membership service: turns protos into records and asks the module.
public final class MembershipRpc extends MembershipServiceGrpc.MembershipServiceImplBase {
  private static final int WATCH_LIMIT = 2048;

  private final MembershipHandler handler;
  private final TunnelHub tunnels;

  public MembershipRpc(MembershipHandler handler, TunnelHub tunnels) {
    this.handler = handler;
    this.tunnels = tunnels;
  }

  @Override
  public void hello(HelloRequest request, StreamObserver<HelloResponse> reply) {
    guarded(
        reply,
        () ->
            handler.hello(
                MembershipProtos.intro(request.getIntro()),
                MembershipProtos.settings(request.getSettings()),
                welcome -> answer(reply, MembershipProtos.proto(welcome))));
  }

  @Override
  public void pollNode(PollNodeRequest request, StreamObserver<PollNodeResponse> reply) {
    guarded(
        reply,
        () ->
            handler.poll(
                MembershipProtos.pollCall(request),
                pollAnswer -> answer(reply, MembershipProtos.proto(pollAnswer))));
  }

  @Override
  public void listMembers(ListMembersRequest request, StreamObserver<ListMembersResponse> reply) {
    answer(
        reply,
        ListMembersResponse.newBuilder()
            .addAllMembers(handler.members().stream().map(MembershipProtos::proto).toList())
            .build());
  }

  @Override
  public void watchMembers(
      WatchMembersRequest request, StreamObserver<WatchMembersResponse> reply) {
    var call = (ServerCallStreamObserver<WatchMembersResponse>) reply;
    var stream = new BoundedStream<>(call, WATCH_LIMIT);
    call.setOnReadyHandler(stream::drain);
    Runnable handle = handler.watch(report -> watched(stream, report));
    call.setOnCancelHandler(
        () -> {
          stream.abandon();
          handle.run();
        });
  }

  private static boolean watched(BoundedStream<WatchMembersResponse> stream, MemberReport report) {
    var message =
        WatchMembersResponse.newBuilder().setMember(MembershipProtos.proto(report)).build();
    if (stream.offer(message)) {
      return true;
    }
    stream.fail(
        Errors.toStatus(
            new Refusal(
                Reason.OVERLOADED,
                "the watch fell " + WATCH_LIMIT + " changes behind; watch again")));
    return false;
  }

  @Override
  public void announceLeave(
      AnnounceLeaveRequest request, StreamObserver<AnnounceLeaveResponse> reply) {
    guarded(
        reply,
        () -> {
          handler.goodbye(MembershipProtos.intro(request.getIntro()), request.getClusterId());
          answer(reply, AnnounceLeaveResponse.getDefaultInstance());
        });
  }

  @Override
  public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> reply) {
    return tunnels.attach(handler, (ServerCallStreamObserver<AttachResponse>) reply);
  }

  /// A caller that has given up is no failure of ours.
  private static <T> void answer(StreamObserver<T> reply, T message) {
    if (reply instanceof ServerCallStreamObserver<T> call && call.isCancelled()) {
      return;
    }
    reply.onNext(message);
    reply.onCompleted();
  }

  private static void guarded(StreamObserver<?> reply, Runnable step) {
    try {
      step.run();
    } catch (Refusal refusal) {
      StatusRuntimeException status = Errors.toStatus(refusal);
      reply.onError(status);
    }
  }
}
