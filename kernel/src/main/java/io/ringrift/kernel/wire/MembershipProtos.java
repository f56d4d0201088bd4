package io.ringrift.kernel.wire;

import com.google.protobuf.Duration;
import io.ringrift.common.v1.NodeEndpoint;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.membership.v1.HelloRequest;
import io.ringrift.membership.v1.HelloResponse;
import io.ringrift.membership.v1.Member;
import io.ringrift.membership.v1.NodeIntro;
import io.ringrift.membership.v1.PollNodeRequest;
import io.ringrift.membership.v1.PollNodeResponse;
import java.util.List;
import java.util.Optional;

/// Membership records to protos and back. Reading validates: every id, address and number is
/// refused with INVALID_ARGUMENT before it reaches the table.
final class MembershipProtos {
  /// Reports taken from one message; more are cut off.
  private static final int MAX_REPORTS = 1024;

  private static final java.time.Duration LONGEST_AGE = java.time.Duration.ofDays(3650);

  private MembershipProtos() {}

  static NodeIntro proto(Intro intro) {
    return NodeIntro.newBuilder()
        .setEndpoint(endpoint(intro.id(), intro.endpoint()))
        .setBootId(intro.boot().toString())
        .setIncarnation(intro.incarnation().value())
        .setOutboundOnly(intro.outboundOnly())
        .setLeaderId(intro.leader().map(NodeId::value).orElse(""))
        .setEpoch(intro.epoch().value())
        .build();
  }

  static Intro intro(NodeIntro proto) {
    return new Intro(
        new NodeId(proto.getEndpoint().getNodeId()),
        BootId.parse(proto.getBootId()),
        incarnation(proto.getIncarnation()),
        endpoint(proto.getEndpoint(), proto.getOutboundOnly()),
        proto.getLeaderId().isEmpty()
            ? Optional.empty()
            : Optional.of(new NodeId(proto.getLeaderId())),
        new Epoch(proto.getEpoch()));
  }

  static io.ringrift.membership.v1.ClusterSettings proto(ClusterSettings settings) {
    return io.ringrift.membership.v1.ClusterSettings.newBuilder()
        .setClusterId(settings.clusterId())
        .setMembershipMode(settings.membershipMode())
        .setConsensusMode(settings.consensusMode())
        .setProtocolVersion(settings.protocolVersion())
        .setLeaseDuration(proto(settings.lease()))
        .setRenewInterval(proto(settings.renew()))
        .setRaftElectionTimeout(proto(settings.raftElectionTimeout()))
        .addAllVoters(settings.voters().stream().map(NodeId::value).toList())
        .setVotersVersion(settings.votersVersion())
        .build();
  }

  static ClusterSettings settings(io.ringrift.membership.v1.ClusterSettings proto) {
    return new ClusterSettings(
        proto.getClusterId(),
        proto.getMembershipMode(),
        proto.getConsensusMode(),
        proto.getProtocolVersion(),
        duration(proto.getLeaseDuration()),
        duration(proto.getRenewInterval()),
        duration(proto.getRaftElectionTimeout()),
        proto.getVotersList().stream().limit(MAX_REPORTS).map(NodeId::new).toList(),
        proto.getVotersVersion());
  }

  static Member proto(MemberReport report) {
    return Member.newBuilder()
        .setNodeId(report.id().value())
        .setBootId(report.boot().toString())
        .setIncarnation(report.incarnation().value())
        .setState(proto(report.state()))
        .setEndpoint(endpoint(report.id(), report.endpoint()))
        .setVoter(report.voter())
        .setOutboundOnly(report.outboundOnly())
        .setRetired(report.retired())
        .setLastContact(proto(report.age()))
        .setFlapCount(report.flapCount())
        .setRelayed(report.relayed())
        .build();
  }

  static MemberReport report(Member proto) {
    java.time.Duration age = duration(proto.getLastContact());
    if (age.isNegative() || age.compareTo(LONGEST_AGE) > 0) {
      age = LONGEST_AGE;
    }
    return new MemberReport(
        new NodeId(proto.getNodeId()),
        BootId.parse(proto.getBootId()),
        incarnation(proto.getIncarnation()),
        state(proto.getState()),
        endpoint(proto.getEndpoint(), proto.getOutboundOnly()),
        proto.getVoter(),
        proto.getOutboundOnly(),
        proto.getRetired(),
        age,
        proto.getFlapCount(),
        proto.getRelayed());
  }

  static List<MemberReport> reports(List<Member> protos) {
    return protos.stream().limit(MAX_REPORTS).map(MembershipProtos::report).toList();
  }

  static HelloRequest hello(Intro intro, ClusterSettings settings) {
    return HelloRequest.newBuilder().setIntro(proto(intro)).setSettings(proto(settings)).build();
  }

  static HelloResponse proto(Welcome welcome) {
    return HelloResponse.newBuilder()
        .setIntro(proto(welcome.intro()))
        .setSettings(proto(welcome.settings()))
        .addAllMembers(welcome.members().stream().map(MembershipProtos::proto).toList())
        .build();
  }

  static Welcome welcome(HelloResponse proto) {
    return new Welcome(
        intro(proto.getIntro()), settings(proto.getSettings()), reports(proto.getMembersList()));
  }

  static PollNodeRequest proto(PollCall call) {
    var builder =
        PollNodeRequest.newBuilder().setIntro(proto(call.intro())).setClusterId(call.clusterId());
    call.ofTarget().ifPresent(belief -> builder.setBelief(proto(belief)));
    return builder.build();
  }

  static PollCall pollCall(PollNodeRequest proto) {
    return new PollCall(
        intro(proto.getIntro()),
        proto.getClusterId(),
        proto.hasBelief() ? Optional.of(belief(proto.getBelief())) : Optional.empty());
  }

  static PollNodeResponse proto(PollAnswer answer) {
    var builder =
        PollNodeResponse.newBuilder()
            .setIntro(proto(answer.intro()))
            .addAllMembers(answer.members().stream().map(MembershipProtos::proto).toList());
    answer.ofPoller().ifPresent(belief -> builder.setBelief(proto(belief)));
    return builder.build();
  }

  static PollAnswer pollAnswer(PollNodeResponse proto) {
    return new PollAnswer(
        intro(proto.getIntro()),
        reports(proto.getMembersList()),
        proto.hasBelief() ? Optional.of(belief(proto.getBelief())) : Optional.empty());
  }

  static Duration proto(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static java.time.Duration duration(Duration proto) {
    return java.time.Duration.ofSeconds(proto.getSeconds(), proto.getNanos());
  }

  private static Member proto(Belief belief) {
    return Member.newBuilder()
        .setBootId(belief.boot().toString())
        .setIncarnation(belief.incarnation().value())
        .setState(proto(belief.state()))
        .build();
  }

  private static Belief belief(Member proto) {
    return new Belief(
        BootId.parse(proto.getBootId()),
        incarnation(proto.getIncarnation()),
        state(proto.getState()));
  }

  private static NodeEndpoint endpoint(NodeId id, Optional<Endpoint> endpoint) {
    var builder = NodeEndpoint.newBuilder().setNodeId(id.value());
    endpoint.ifPresent(e -> builder.setHost(e.host()).setPort(e.port()));
    return builder.build();
  }

  private static Optional<Endpoint> endpoint(NodeEndpoint proto, boolean outboundOnly) {
    return outboundOnly
        ? Optional.empty()
        : Optional.of(new Endpoint(proto.getHost(), proto.getPort()));
  }

  private static Incarnation incarnation(long value) {
    if (value < 0 || value == Long.MAX_VALUE) {
      throw Refusal.invalid("incarnation", Long.toUnsignedString(value), "0 to 2^63-2");
    }
    return new Incarnation(value);
  }

  private static io.ringrift.membership.v1.MemberState proto(MemberState state) {
    return switch (state) {
      case ALIVE -> io.ringrift.membership.v1.MemberState.MEMBER_STATE_ALIVE;
      case SUSPECT -> io.ringrift.membership.v1.MemberState.MEMBER_STATE_SUSPECT;
      case DEAD -> io.ringrift.membership.v1.MemberState.MEMBER_STATE_DEAD;
      case LEFT -> io.ringrift.membership.v1.MemberState.MEMBER_STATE_LEFT;
    };
  }

  private static MemberState state(io.ringrift.membership.v1.MemberState proto) {
    return switch (proto) {
      case MEMBER_STATE_ALIVE -> MemberState.ALIVE;
      case MEMBER_STATE_SUSPECT -> MemberState.SUSPECT;
      case MEMBER_STATE_DEAD -> MemberState.DEAD;
      case MEMBER_STATE_LEFT -> MemberState.LEFT;
      case MEMBER_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw Refusal.invalid("state", proto.name(), "ALIVE, SUSPECT, DEAD or LEFT");
    };
  }
}
