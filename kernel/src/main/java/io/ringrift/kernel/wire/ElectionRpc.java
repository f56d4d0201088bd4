package io.ringrift.kernel.wire;

import com.google.protobuf.Duration;
import io.grpc.stub.StreamObserver;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.election.v1.Role;
import io.ringrift.election.v1.StepDownRequest;
import io.ringrift.election.v1.StepDownResponse;
import io.ringrift.election.v1.TransferLeadershipRequest;
import io.ringrift.election.v1.TransferLeadershipResponse;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.util.Optional;
import java.util.function.Supplier;

/// Leadership for operators and clients, on every node.
public final class ElectionRpc extends ElectionServiceGrpc.ElectionServiceImplBase {
  private static final int MAX_CAUSE = 200;

  private final Consensus consensus;
  private final Ticker ticker;

  public ElectionRpc(Consensus consensus, Ticker ticker) {
    this.consensus = consensus;
    this.ticker = ticker;
  }

  @Override
  public void getLeadership(
      GetLeadershipRequest request, StreamObserver<GetLeadershipResponse> reply) {
    reply.onNext(answer(consensus.leadership(), ticker.now()));
    reply.onCompleted();
  }

  private GetLeadershipResponse answer(Leadership leadership, Moment now) {
    var answer =
        GetLeadershipResponse.newBuilder()
            .setRole(
                switch (leadership.role()) {
                  case FOLLOWER -> Role.ROLE_FOLLOWER;
                  case CANDIDATE -> Role.ROLE_CANDIDATE;
                  case LEADER -> Role.ROLE_LEADER;
                })
            .setLeaderId(leadership.leader().map(NodeId::value).orElse(""))
            .setEpoch(leadership.epoch().value())
            .addAllVoters(consensus.voters().stream().map(NodeId::value).toList())
            .setQuorum(consensus.quorum());
    if (leadership.leadsAt(now)) {
      var left = leadership.leaseEnds().since(now);
      answer.setLeaseLeft(
          Duration.newBuilder().setSeconds(left.toSeconds()).setNanos(left.toNanosPart()));
    }
    return answer.build();
  }

  @Override
  public void stepDown(StepDownRequest request, StreamObserver<StepDownResponse> reply) {
    aside(
        reply,
        () -> {
          if (request.getCause().length() > MAX_CAUSE) {
            throw Refusal.invalid(
                "cause", request.getCause(), "at most " + MAX_CAUSE + " characters");
          }
          String cause = request.getCause().isBlank() ? "operator" : request.getCause();
          return StepDownResponse.newBuilder().setEpoch(consensus.stepDown(cause).value()).build();
        });
  }

  @Override
  public void transferLeadership(
      TransferLeadershipRequest request, StreamObserver<TransferLeadershipResponse> reply) {
    aside(
        reply,
        () -> {
          long epoch = consensus.leadership().epoch().value();
          Optional<NodeId> target =
              request.getTargetNodeId().isEmpty()
                  ? Optional.empty()
                  : Optional.of(new NodeId(request.getTargetNodeId()));
          return TransferLeadershipResponse.newBuilder()
              .setEpoch(epoch)
              .setTargetNodeId(consensus.transfer(target).value())
              .build();
        });
  }

  /// Both wait for the driver, which must not be done on a transport's thread.
  private static <T> void aside(StreamObserver<T> reply, Supplier<T> work) {
    Thread.ofVirtual()
        .name("election-rpc")
        .start(
            () -> {
              try {
                T answer = work.get();
                reply.onNext(answer);
                reply.onCompleted();
              } catch (Refusal refusal) {
                reply.onError(Errors.toStatus(refusal));
              }
            });
  }
}
