package io.ringrift.node;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.Kernel;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.consensus.raft.RaftStatus;
import io.ringrift.kernel.membership.swim.SwimStatus;
import io.ringrift.managers.Replies;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.status.v1.GetRaftStatusRequest;
import io.ringrift.status.v1.GetRaftStatusResponse;
import io.ringrift.status.v1.GetSwimStatusRequest;
import io.ringrift.status.v1.GetSwimStatusResponse;
import io.ringrift.status.v1.ListSwimMembersRequest;
import io.ringrift.status.v1.ListSwimMembersResponse;
import io.ringrift.status.v1.ModeStatusServiceGrpc;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/// What SWIM and Raft say of themselves, in every mode (SPEC 7.4). Every field is there whether
/// they run or not: scripts that read one must not have to ask for the mode first.
final class ModesEndpoint extends ModeStatusServiceGrpc.ModeStatusServiceImplBase {
  private final NodeConfig config;
  private final Kernel kernel;
  private final InstantSource wall;

  ModesEndpoint(NodeConfig config, Kernel kernel, InstantSource wall) {
    this.config = config;
    this.kernel = kernel;
    this.wall = wall;
  }

  @Override
  public void getSwimStatus(
      GetSwimStatusRequest request, StreamObserver<GetSwimStatusResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var answer =
              GetSwimStatusResponse.newBuilder()
                  .setNodeId(config.nodeId().value())
                  .setSwimEnabled(config.membershipMode() != MembershipMode.HTTP)
                  .setSwimAvailable(true)
                  .setMembershipMode(name(config.membershipMode()))
                  .setConfig(configured())
                  .setSummary(GetSwimStatusResponse.Summary.getDefaultInstance())
                  .setTimestamp(now());
          kernel.swim().get().ifPresent(swim -> fill(answer, swim));
          return answer.build();
        });
  }

  /// What SWIM would run with among the present members.
  private GetSwimStatusResponse.Config configured() {
    var figures = config.swim().figures(config.timing());
    int living =
        (int)
            kernel.membership().members().stream()
                .filter(member -> member.state() != MemberState.DEAD)
                .count();
    return GetSwimStatusResponse.Config.newBuilder()
        .setBindPort(config.swim().bindPort())
        .setFailureTimeout(seconds(figures.expectedDetection(living)))
        .setSuspicionTimeout(seconds(figures.suspicion(living)))
        .setPingInterval(seconds(figures.pingInterval()))
        .build();
  }

  private static void fill(GetSwimStatusResponse.Builder answer, SwimStatus swim) {
    answer
        .setSwimStarted(true)
        .setLocalHealth(swim.localHealth())
        .setConfig(
            GetSwimStatusResponse.Config.newBuilder()
                .setBindPort(swim.bindPort())
                .setFailureTimeout(seconds(swim.failureTimeout()))
                .setSuspicionTimeout(seconds(swim.suspicionTimeout()))
                .setPingInterval(seconds(swim.pingInterval())))
        .setSummary(
            GetSwimStatusResponse.Summary.newBuilder()
                .setMembers(swim.members().size())
                .setAlive((int) swim.count(MemberState.ALIVE))
                .setSuspected((int) swim.count(MemberState.SUSPECT))
                .setFailed((int) swim.count(MemberState.DEAD)));
  }

  @Override
  public void listSwimMembers(
      ListSwimMembersRequest request, StreamObserver<ListSwimMembersResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var answer =
              ListSwimMembersResponse.newBuilder()
                  .setNodeId(config.nodeId().value())
                  .setTimestamp(now());
          kernel
              .swim()
              .get()
              .ifPresentOrElse(
                  swim -> fill(answer, swim),
                  () -> answer.setMessage("SWIM does not run: " + whyNoSwim()));
          return answer.build();
        });
  }

  private String whyNoSwim() {
    return config.membershipMode() == MembershipMode.HTTP
        ? "RINGRIFT_MEMBERSHIP_MODE is http"
        : "this node has no advertised address, and SWIM needs one that others can dial";
  }

  private static void fill(ListSwimMembersResponse.Builder answer, SwimStatus swim) {
    answer
        .setSwimStarted(true)
        .setAliveCount((int) swim.count(MemberState.ALIVE))
        .setSuspectedCount((int) swim.count(MemberState.SUSPECT))
        .setFailedCount((int) swim.count(MemberState.DEAD));
    swim.members()
        .forEach(
            member ->
                answer.addMembers(
                    ListSwimMembersResponse.SwimMember.newBuilder()
                        .setId(member.id().value())
                        .setState(name(member.state()))
                        .setAddress(member.address())));
  }

  @Override
  public void getRaftStatus(
      GetRaftStatusRequest request, StreamObserver<GetRaftStatusResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          boolean enabled = config.consensusMode() != ConsensusMode.BULLY;
          var nothing = GetRaftStatusResponse.Replicated.getDefaultInstance();
          var answer =
              GetRaftStatusResponse.newBuilder()
                  .setNodeId(config.nodeId().value())
                  .setRaftEnabled(enabled)
                  .setRaftAvailable(true)
                  .setConsensusMode(name(config.consensusMode()))
                  .setConfig(
                      GetRaftStatusResponse.Config.newBuilder()
                          .setBindPort(config.raft().bindPort()))
                  .setWorkQueue(nothing)
                  .setJobAssignments(nothing)
                  .setClusterHealth(enabled ? "unavailable" : "disabled")
                  .setTimestamp(now());
          kernel.raft().get().ifPresent(raft -> fill(answer, raft));
          return answer.build();
        });
  }

  /// Queue and assignments share one log, so both say the same.
  private void fill(GetRaftStatusResponse.Builder answer, RaftStatus raft) {
    var replicated =
        GetRaftStatusResponse.Replicated.newBuilder()
            .setAvailable(raft.initialized())
            .setIsReady(raft.ready())
            .setIsLeader(raft.leads())
            .setLeaderAddress(raft.leader().map(this::address).orElse(""));
    answer
        .setRaftInitialized(raft.initialized())
        .setTerm(Math.max(0, raft.term()))
        .setConfig(GetRaftStatusResponse.Config.newBuilder().setBindPort(raft.bindPort()))
        .setWorkQueue(replicated)
        .setJobAssignments(replicated)
        .setClusterHealth(raft.health())
        .setHeldBack(raft.heldBack());
  }

  private String address(NodeId leader) {
    return kernel
        .membership()
        .member(leader)
        .flatMap(member -> member.endpoint())
        .map(Endpoint::toString)
        .orElse("");
  }

  private double now() {
    var instant = wall.instant();
    return instant.getEpochSecond() + instant.getNano() / 1e9;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
