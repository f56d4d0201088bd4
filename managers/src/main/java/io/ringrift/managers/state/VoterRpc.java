package io.ringrift.managers.state;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.AddVoterResponse;
import io.ringrift.state.v1.DescribeVoterRequest;
import io.ringrift.state.v1.DescribeVoterResponse;
import io.ringrift.state.v1.GetVoterListRequest;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.ListVotersResponse;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.RemoveVoterResponse;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.util.Optional;

/// The service of the voters.
final class VoterRpc extends VoterServiceGrpc.VoterServiceImplBase {
  private final VoterChange change;
  private final VoterNews news;
  private final VoterHooks hooks;

  VoterRpc(VoterChange change, VoterNews news, VoterHooks hooks) {
    this.change = change;
    this.news = news;
    this.hooks = hooks;
  }

  /// What may be interrupted.
  @FunctionalInterface
  private interface Blocking<T> {
    T run() throws InterruptedException;
  }

  private static <T> void reply(StreamObserver<T> observer, Blocking<T> answer) {
    Replies.unary(
        observer,
        () -> {
          try {
            return answer.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(Reason.SHUTTING_DOWN, "the call was interrupted", e);
          }
        });
  }

  @Override
  public void listVoters(ListVotersRequest request, StreamObserver<ListVotersResponse> observer) {
    reply(observer, change::list);
  }

  @Override
  public void addVoter(AddVoterRequest request, StreamObserver<AddVoterResponse> observer) {
    reply(
        observer,
        () -> {
          var done = change.add(new NodeId(request.getNodeId()).value());
          return AddVoterResponse.newBuilder()
              .setVoters(done.voters())
              .setEpoch(done.epoch().value())
              .setAlready(done.already())
              .build();
        });
  }

  @Override
  public void removeVoter(
      RemoveVoterRequest request, StreamObserver<RemoveVoterResponse> observer) {
    reply(
        observer,
        () -> {
          var done = change.remove(new NodeId(request.getNodeId()).value());
          return RemoveVoterResponse.newBuilder()
              .setVoters(done.voters())
              .setEpoch(done.epoch().value())
              .setAlready(done.already())
              .build();
        });
  }

  @Override
  public void getVoterList(
      GetVoterListRequest request, StreamObserver<GetVoterListResponse> observer) {
    Replies.unary(observer, news::own);
  }

  /// It would never be prepared: it goes by a list of which it is a voter.
  private Optional<String> alreadyListed() {
    VoterList here = hooks.inForce();
    boolean listed =
        hooks.self().filter(self -> VoterLists.lists(here, self.getNodeId())).isPresent();
    return listed
        ? Optional.of(
            ("it is a voter already by its own list %d, %s; if it does not learn better in a few"
                    + " seconds, stop it, set its voters to those of the cluster, remove the file"
                    + " voters of its state folder and start it")
                .formatted(here.getVersion(), VoterLists.names(here.getVotersList())))
        : Optional.empty();
  }

  @Override
  public void describeVoter(
      DescribeVoterRequest request, StreamObserver<DescribeVoterResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var answer = DescribeVoterResponse.newBuilder().setTakesPart(hooks.takesPart());
          if (request.getOnlyPart()) {
            return answer.build();
          }
          answer
              .addAllObstacles(hooks.obstacles().get())
              .addAllObstacles(alreadyListed().stream().toList());
          hooks.self().ifPresent(answer::setVoter);
          return answer.build();
        });
  }
}
