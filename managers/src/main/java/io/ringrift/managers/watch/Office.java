package io.ringrift.managers.watch;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.StateServiceGrpc.StateServiceBlockingStub;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.CheckCopiesResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the leader's loops of this room read and order: by RPC at this node. Calls block, at most
/// 10 s, or 60 s for what all nodes hold; failures come as refusals.
final class Office {
  private static final Logger LOG = LoggerFactory.getLogger(Office.class);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration COLLECTING = Duration.ofSeconds(60);
  private static final Set<String> GONE = Set.of(MemberState.DEAD.name(), MemberState.LEFT.name());
  private static final int EVENTS = 1000;
  private static final List<JobState> HELD =
      List.of(JobState.JOB_STATE_CLAIMED, JobState.JOB_STATE_STARTING, JobState.JOB_STATE_RUNNING);
  private static final List<WorkState> TAKEN =
      List.of(WorkState.WORK_STATE_CLAIMED, WorkState.WORK_STATE_RUNNING);

  private final Services services;
  private final Consensus consensus;

  Office(Services services, Consensus consensus) {
    this.services = services;
    this.consensus = consensus;
  }

  Services services() {
    return services;
  }

  /// The leader checks its office right before each side effect.
  void guard(Epoch epoch) {
    if (!consensus.leadsNow(epoch)) {
      throw new Refusal(Reason.STALE_EPOCH, "the office of epoch " + epoch + " is over");
    }
  }

  /// Puts a command through the log, in this epoch only.
  void apply(Epoch epoch, Command.Builder command) {
    guard(epoch);
    var request =
        ApplyCommandRequest.newBuilder()
            .setFence(
                Fence.newBuilder().setEpoch(epoch.value()).setLeaderId(services.self().value()))
            .setCommand(command)
            .build();
    var _ = asked(() -> state().applyCommand(request));
  }

  void event(Epoch epoch, String kind, String subject, Map<String, String> attributes) {
    apply(
        epoch,
        Command.newBuilder()
            .setRecordEvent(
                RecordEvent.newBuilder()
                    .setKind(kind)
                    .setSubject(subject)
                    .putAllAttributes(attributes)));
  }

  /// Every event that is kept, oldest first.
  ///
  /// @param truncated there were older ones
  record Kept(List<Event> events, boolean truncated) {}

  Kept events() {
    var all = new ArrayList<Event>();
    var service = EventServiceGrpc.newBlockingStub(services.local()).withDeadlineAfter(DEADLINE);
    long after = 0;
    boolean truncated = false;
    while (true) {
      var request = ListEventsRequest.newBuilder().setAfterIndex(after).setPageSize(EVENTS).build();
      var page = asked(() -> service.listEvents(request));
      if (page.getEventsCount() == 0) {
        return new Kept(all, truncated);
      }
      truncated |= page.getTruncated();
      all.addAll(page.getEventsList());
      after = all.getLast().getIndex();
    }
  }

  List<NodeLoad> nodes() {
    return views().stream().map(Office::load).toList();
  }

  /// Who is known and neither dead nor gone, heard or not.
  Set<String> present() {
    return views().stream()
        .filter(node -> !GONE.contains(node.getState().toUpperCase(Locale.ROOT)))
        .map(NodeView::getNodeId)
        .collect(Collectors.toSet());
  }

  private List<NodeView> views() {
    return asked(
            () ->
                PlacementServiceGrpc.newBlockingStub(services.local())
                    .withDeadlineAfter(DEADLINE)
                    .listNodes(ListNodesRequest.getDefaultInstance()))
        .getNodesList();
  }

  /// What would be lost with a node, by the manifests of this moment.
  CheckCopiesResponse copies(String nodeId) {
    return asked(
        () ->
            SyncServiceGrpc.newBlockingStub(services.local())
                .withDeadlineAfter(COLLECTING)
                .checkCopies(CheckCopiesRequest.newBuilder().setNodeId(nodeId).build()));
  }

  /// How many self-play jobs each node should run; empty while the scheduler cannot tell.
  Map<String, Integer> targets() {
    var targets = new HashMap<String, Integer>();
    try {
      SelfplayServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(DEADLINE)
          .getTargets(GetTargetsRequest.getDefaultInstance())
          .getTargetsList()
          .forEach(target -> targets.put(target.getNodeId(), target.getTotalJobs()));
    } catch (StatusRuntimeException e) {
      LOG.info("no targets of self-play: {}", e.getStatus());
    }
    return targets;
  }

  GetStateResponse counts() {
    return asked(() -> state().getState(GetStateRequest.getDefaultInstance()));
  }

  /// Jobs of one node that have not ended, newest first.
  List<Job> jobsAt(String nodeId) {
    return jobs(ReadJobsRequest.newBuilder().addAllStates(HELD).setNodeId(nodeId));
  }

  List<Job> jobs(ReadJobsRequest.Builder request) {
    var leaders = request.setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER).build();
    return asked(() -> state().readJobs(leaders)).getJobsList();
  }

  /// Items that a worker holds, newest first.
  List<WorkItem> itemsAt(String nodeId) {
    var request =
        ReadWorkRequest.newBuilder()
            .addAllStates(TAKEN)
            .setClaimedBy(nodeId)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    return asked(() -> state().readWork(request)).getItemsList();
  }

  StateServiceBlockingStub state() {
    return StateServiceGrpc.newBlockingStub(services.local()).withDeadlineAfter(DEADLINE);
  }

  static <T> T asked(Supplier<T> question) {
    try {
      return question.get();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private static NodeLoad load(NodeView node) {
    var facts = node.getFacts();
    List<Gpu> gpus = facts.getGpusList();
    return new NodeLoad(
        node.getNodeId(),
        node.getState().equalsIgnoreCase("alive") && node.hasFacts(),
        node.getVoter(),
        node.getDraining(),
        gpus.stream().anyMatch(Office::cuda),
        gpus.stream().mapToDouble(Gpu::getUtilizationPercent).average().orElse(0),
        facts.getDiskPercent(),
        facts.getMemoryPercent(),
        facts.getSelfplayJobs(),
        facts.getTrainingJobs(),
        facts.getRunningJobs(),
        facts.getMaxJobs(),
        new HashSet<>(facts.getCapabilitiesList()));
  }

  /// An Apple GPU runs no CUDA work (SPEC 1.3).
  private static boolean cuda(Gpu gpu) {
    String name = gpu.getName().toUpperCase(Locale.ROOT);
    return !name.contains("MPS") && !name.contains("APPLE");
  }
}
