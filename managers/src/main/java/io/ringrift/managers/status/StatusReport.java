package io.ringrift.managers.status;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.time.Moment;
import io.ringrift.loop.v1.ListLoopsResponse;
import io.ringrift.loop.v1.Loop;
import io.ringrift.managers.Health;
import io.ringrift.membership.v1.MemberState;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.status.v1.GetHealthResponse;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.HealthSummary;
import io.ringrift.status.v1.JobCounts;
import io.ringrift.status.v1.LoopHealth;
import io.ringrift.status.v1.ManagerHealth;
import io.ringrift.status.v1.WorkCounts;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the status together in the seeds' shape (SPEC 7.1 and 7.2) from what the kernel knows now
/// and what was collected.
final class StatusReport {
  private static final Logger LOG = LoggerFactory.getLogger(StatusReport.class);

  private final StatusSources sources;
  private final StatusBlocks blocks;
  private final Moment start;

  StatusReport(StatusSources sources, StatusBlocks blocks, Moment start) {
    this.sources = sources;
    this.blocks = blocks;
    this.start = start;
  }

  GetStatusResponse status(Collected collected, Map<String, Health> managers, boolean aliveOnly) {
    var identity = sources.identity();
    var leadership = sources.consensus().leadership();
    var members = sources.membership().members();
    var response =
        GetStatusResponse.newBuilder()
            .setNodeId(identity.node().value())
            .setBootId(identity.boot().toString())
            .setClusterId(identity.clusterId())
            .setVersion(identity.version())
            .setMembershipMode(identity.membershipMode())
            .setConsensusMode(identity.consensusMode())
            .addAllSettings(identity.settings().get())
            .setAlivePeers((int) members.stream().filter(Member::alive).count())
            .setTotalPeers(members.size())
            .setUptimeSeconds(seconds(sources.ticker().now().since(start)))
            .setSelf(facts())
            .setHealthCheck(HealthSummary.newBuilder().setStatus(summary(managers.values())));
    managers.forEach((name, health) -> response.putManagers(name, message(health)));
    addLeadership(response, leadership);
    addLedger(response);
    collected.get(blocks.state).ifPresent(state -> addJobs(response, state));
    collected.get(blocks.loops).ifPresent(loops -> addLoops(response, loops));
    collected
        .get(blocks.members)
        .ifPresent(
            all ->
                all.getMembersList().stream()
                    .filter(m -> !aliveOnly || m.getState() == MemberState.MEMBER_STATE_ALIVE)
                    .forEach(m -> response.putPeers(m.getNodeId(), m)));
    addFigures(response, collected);
    return response.putAllMetricErrors(collected.errors()).build();
  }

  private void addFigures(GetStatusResponse.Builder response, Collected collected) {
    for (Block<?> block : blocks.all()) {
      collected
          .figures(block)
          .ifPresent(figures -> response.putMetrics(block.name(), struct(figures)));
    }
    collected
        .get(blocks.loops)
        .map(LoopBlocks::of)
        .ifPresent(all -> all.forEach((name, told) -> response.putMetrics(name, struct(told))));
  }

  GetHealthResponse health(Map<String, Health> managers) {
    var leadership = sources.consensus().leadership();
    var members = sources.membership().members();
    var facts = facts();
    return GetHealthResponse.newBuilder()
        .setHealthy(!summary(managers.values()).equals("unhealthy"))
        .setNodeId(sources.identity().node().value())
        .setRole(leadership.role().name().toLowerCase(Locale.ROOT))
        .setDiskPercent(facts.getDiskPercent())
        .setMemoryPercent(facts.getMemoryPercent())
        .setCpuPercent(facts.getCpuPercent())
        .setGpuPercent(mean(facts, Gpu::getUtilizationPercent))
        .setGpuMemoryPercent(mean(facts, Gpu::getMemoryPercent))
        .setSelfplayJobs(facts.getSelfplayJobs())
        .setTrainingJobs(facts.getTrainingJobs())
        .setLeaderId(leadership.leader().map(NodeId::value).orElse(""))
        .setLeaderLastSeenSeconds(leaderLastSeen(leadership))
        .setActivePeers((int) members.stream().filter(Member::alive).count())
        .setTotalPeers(members.size())
        .setUptimeSeconds(seconds(sources.ticker().now().since(start)))
        .setTimestamp(sources.wall().instant().toEpochMilli() / 1000.0)
        .build();
  }

  private void addLeadership(GetStatusResponse.Builder response, Leadership leadership) {
    Moment now = sources.ticker().now();
    var consensus = sources.consensus();
    int alive = votersAlive();
    response
        .setRole(leadership.role().name())
        .setLeaderId(leadership.leader().map(NodeId::value).orElse(""))
        .setEffectiveLeaderId(
            leadership.leader().filter(l -> reachable(l, leadership)).map(NodeId::value).orElse(""))
        .setEpoch(leadership.epoch().value())
        .setLeaseLeftSeconds(
            leadership.role() == Role.LEADER
                ? Math.max(0, seconds(leadership.leaseEnds().since(now)))
                : 0)
        .addAllVoterNodeIds(consensus.voters().stream().map(NodeId::value).toList())
        .setVoterQuorumSize(consensus.quorum())
        .setVotersAlive(alive)
        .setVoterQuorumOk(alive >= consensus.quorum());
  }

  private void addLedger(GetStatusResponse.Builder response) {
    var ledger = sources.consensus().ledger().status();
    response.setCommitIndex(ledger.commitIndex()).setAppliedIndex(ledger.appliedIndex());
  }

  private static void addJobs(GetStatusResponse.Builder response, GetStateResponse state) {
    response
        .setJobs(
            JobCounts.newBuilder()
                .setRunning(count(state, "RUNNING") + count(state, "STARTING"))
                .setPending(count(state, "PENDING") + count(state, "CLAIMED"))
                .setCompleted24H(state.getCompleted24H()))
        .setWork(
            WorkCounts.newBuilder()
                .setRunning(state.getWorkOrDefault("RUNNING", 0))
                .setClaimed(state.getWorkOrDefault("CLAIMED", 0))
                .setPending(state.getWorkOrDefault("PENDING", 0))
                .setCompleted(state.getWorkOrDefault("COMPLETED", 0)));
  }

  private static int count(GetStateResponse state, String name) {
    return state.getJobsOrDefault(name, state.getJobsOrDefault("JOB_STATE_" + name, 0));
  }

  private static void addLoops(GetStatusResponse.Builder response, ListLoopsResponse loops) {
    loops.getLoopsList().forEach(loop -> response.putLoops(loop.getName(), health(loop)));
  }

  private static LoopHealth health(Loop loop) {
    var health =
        LoopHealth.newBuilder()
            .setHealthy(loop.getHealthy())
            .setCycles(loop.getTotalRuns())
            .setErrors(loop.getFailedRuns())
            .setMessage(loop.getHealthMessage());
    if (loop.hasLastRunTime()) {
      health.setLastCycleTime(loop.getLastRunTime());
    }
    return health.build();
  }

  private NodeFacts facts() {
    var posting = sources.gossip().postings().get(sources.identity().node());
    if (posting == null) {
      return NodeFacts.getDefaultInstance();
    }
    try {
      return NodeFacts.parseFrom(posting.payload());
    } catch (InvalidProtocolBufferException e) {
      LOG.debug("own facts on the board are of another kind", e);
      return NodeFacts.getDefaultInstance();
    }
  }

  private int votersAlive() {
    var members = sources.membership();
    return (int)
        sources.consensus().voters().stream()
            .filter(v -> isSelf(v) || members.member(v).map(Member::alive).orElse(false))
            .count();
  }

  private boolean reachable(NodeId leader, Leadership leadership) {
    return isSelf(leader)
        ? leadership.leadsAt(sources.ticker().now())
        : sources.membership().member(leader).map(Member::alive).orElse(false);
  }

  private double leaderLastSeen(Leadership leadership) {
    Moment now = sources.ticker().now();
    return leadership
        .leader()
        .filter(l -> !isSelf(l))
        .flatMap(sources.membership()::member)
        .map(m -> seconds(now.since(m.lastContact())))
        .orElse(0.0);
  }

  private boolean isSelf(NodeId node) {
    return node.equals(sources.identity().node());
  }

  /// unhealthy when a manager is unfit, degraded when one is degraded or nobody leads.
  private String summary(Collection<Health> managers) {
    if (managers.stream().anyMatch(health -> !health.healthy())) {
      return "unhealthy";
    }
    boolean degraded =
        managers.stream().anyMatch(health -> health.status() == Health.Status.DEGRADED)
            || sources.consensus().leadership().leader().isEmpty();
    return degraded ? "degraded" : "healthy";
  }

  private static ManagerHealth message(Health health) {
    return ManagerHealth.newBuilder()
        .setHealthy(health.healthy())
        .setStatus(health.status().name().toLowerCase(Locale.ROOT))
        .setMessage(health.message())
        .putAllDetails(health.details())
        .build();
  }

  private static Struct struct(Map<String, Object> figures) {
    var struct = Struct.newBuilder();
    figures.forEach((name, value) -> struct.putFields(name, value(value)));
    return struct.build();
  }

  private static Value value(Object value) {
    return value instanceof Number number
        ? Value.newBuilder().setNumberValue(number.doubleValue()).build()
        : Value.newBuilder().setStringValue(value.toString()).build();
  }

  private static double mean(NodeFacts facts, ToDoubleFunction<Gpu> figure) {
    return facts.getGpusList().stream().mapToDouble(figure).average().orElse(0);
  }

  private static double seconds(Duration span) {
    return span.toMillis() / 1000.0;
  }
}
