package io.ringrift.managers.status;

import io.ringrift.kernel.time.Moment;
import io.ringrift.loop.v1.ListLoopsRequest;
import io.ringrift.loop.v1.ListLoopsResponse;
import io.ringrift.loop.v1.Loop;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.ListMembersResponse;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The blocks of the status and how each is asked for (SPEC 5.8).
final class StatusBlocks {
  private final StatusSources sources;

  final Block<GetStateResponse> state =
      new Block<>("state", GetStateResponse.class, this::askState, StatusBlocks::showState);
  final Block<ListLoopsResponse> loops =
      new Block<>(
          "background_loops", ListLoopsResponse.class, this::askLoops, StatusBlocks::showLoops);
  final Block<ListMembersResponse> members =
      new Block<>(
          "members", ListMembersResponse.class, this::askMembers, StatusBlocks::showMembers);

  StatusBlocks(StatusSources sources) {
    this.sources = sources;
  }

  List<Block<?>> all() {
    var all =
        new ArrayList<Block<?>>(
            List.of(
                state,
                loops,
                members,
                Block.figures("ledger", this::ledger),
                Block.figures("gossip_metrics", this::gossip),
                Block.figures("process", StatusBlocks::process)));
    all.addAll(new ClusterBlocks(sources).all());
    return List.copyOf(all);
  }

  private GetStateResponse askState() {
    return StateServiceGrpc.newBlockingStub(sources.services().local())
        .getState(GetStateRequest.getDefaultInstance());
  }

  private ListLoopsResponse askLoops() {
    return LoopServiceGrpc.newBlockingStub(sources.services().local())
        .listLoops(ListLoopsRequest.getDefaultInstance());
  }

  private ListMembersResponse askMembers() {
    return MembershipServiceGrpc.newBlockingStub(sources.services().local())
        .listMembers(ListMembersRequest.getDefaultInstance());
  }

  private static Map<String, Object> showState(GetStateResponse state) {
    var figures = new LinkedHashMap<String, Object>();
    state.getJobsMap().forEach((name, count) -> figures.put("jobs_" + name, count));
    state.getWorkMap().forEach((name, count) -> figures.put("work_" + name, count));
    figures.put("draining", String.join(",", state.getDrainingList()));
    figures.put("state_hash", state.getStateHash());
    figures.put("queue_soft_limit", state.getQueueSoftLimit());
    figures.put("queue_hard_limit", state.getQueueHardLimit());
    return figures;
  }

  private static Map<String, Object> showLoops(ListLoopsResponse loops) {
    return Map.of(
        "total_loops", loops.getLoopsCount(),
        "total_runs", loops.getLoopsList().stream().mapToLong(Loop::getTotalRuns).sum(),
        "total_errors", loops.getLoopsList().stream().mapToLong(Loop::getFailedRuns).sum());
  }

  private static Map<String, Object> showMembers(ListMembersResponse members) {
    return Map.of("known", members.getMembersCount());
  }

  private Map<String, Object> ledger() {
    var status = sources.consensus().ledger().status();
    return Map.of(
        "log_end_epoch", status.logEnd().epoch().value(),
        "log_end_index", status.logEnd().index(),
        "commit_index", status.commitIndex(),
        "applied_index", status.appliedIndex(),
        "snapshot_index", status.snapshotIndex(),
        "state_hash", status.stateHash());
  }

  private Map<String, Object> gossip() {
    var postings = sources.gossip().postings();
    Moment now = sources.ticker().now();
    long oldest =
        postings.values().stream().mapToLong(p -> now.since(p.heard()).toMillis()).max().orElse(0);
    return Map.of("postings", postings.size(), "oldest_millis", oldest);
  }

  private static Map<String, Object> process() {
    var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    var threads = ManagementFactory.getThreadMXBean();
    return Map.of(
        "pid", ProcessHandle.current().pid(),
        "heap_used_bytes", heap.getUsed(),
        "heap_max_bytes", heap.getMax(),
        "platform_threads", threads.getThreadCount());
  }
}
