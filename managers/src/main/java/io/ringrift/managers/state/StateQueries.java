package io.ringrift.managers.state;

import io.ringrift.job.v1.Job;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadWorkRequest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// Reads of jobs and work items, newest first unless another order is asked for.
@Pure
final class StateQueries {
  private StateQueries() {}

  static List<Job> jobs(ClusterState state, ReadJobsRequest request) {
    Stream<Job> candidates =
        request.getIdPrefix().isEmpty()
            ? inOrder(state, request).stream().map(state.jobs()::get).filter(Objects::nonNull)
            : state.jobs().withPrefix(request.getIdPrefix()).stream();
    return candidates
        .filter(
            job ->
                request.getStatesCount() == 0 || request.getStatesList().contains(job.getState()))
        .filter(job -> request.getNodeId().isEmpty() || request.getNodeId().equals(job.getNodeId()))
        .limit(limit(request.getLimit()))
        .toList();
  }

  private static Collection<String> inOrder(ClusterState state, ReadJobsRequest request) {
    String after = request.getAfterJobId();
    return request.getOldestFirst()
        ? state.jobs().oldestAfter(after.isEmpty() ? Long.MIN_VALUE : jobPlace(state, after))
        : state.jobs().newestBefore(after.isEmpty() ? Long.MAX_VALUE : jobPlace(state, after));
  }

  private static long jobPlace(ClusterState state, String after) {
    Job job = state.jobs().get(after);
    if (job == null) {
      throw gone("after_job_id", after);
    }
    return job.getSequence();
  }

  static List<WorkItem> work(ClusterState state, ReadWorkRequest request, long ledgerMillis) {
    if (request.hasClaim()) {
      return wouldGet(state, request, ledgerMillis);
    }
    if (request.getClaimOrder()) {
      return claimOrder(state, ledgerMillis).limit(limit(request.getLimit())).toList();
    }
    return candidates(state, request)
        .filter(
            item ->
                request.getStatesCount() == 0 || request.getStatesList().contains(item.getState()))
        .filter(
            item ->
                request.getClaimedBy().isEmpty()
                    || request.getClaimedBy().equals(item.getClaimedBy()))
        .limit(limit(request.getLimit()))
        .toList();
  }

  /// Newest first. Those that workers hold are few and known by themselves.
  private static Stream<WorkItem> candidates(ClusterState state, ReadWorkRequest request) {
    if (!request.getIdPrefix().isEmpty()) {
      return state.work().withPrefix(request.getIdPrefix()).stream();
    }
    long before = workPlace(state, request.getAfterWorkId());
    boolean held =
        request.getStatesCount() > 0
            && request.getStatesList().stream().allMatch(WorkLifecycle::held);
    return held
        ? state.work().held().stream()
            .filter(item -> item.getSequence() < before)
            .sorted(Comparator.comparingLong(WorkItem::getSequence).reversed())
        : state.work().newestBefore(before).stream()
            .map(state.work()::get)
            .filter(Objects::nonNull);
  }

  /// By the code that grants claims.
  private static List<WorkItem> wouldGet(
      ClusterState state, ReadWorkRequest request, long ledgerMillis) {
    var without = Set.copyOf(request.getWithoutWorkIdsList());
    return state.drains().contains(request.getClaim().getWorkerId())
        ? List.of()
        : ClaimActions.pick(
            state.work().ready(),
            request.getClaim(),
            ledgerMillis,
            item -> !without.contains(item.getWorkId()));
  }

  /// The ready in the order in which workers get them, then those that wait for others.
  private static Stream<WorkItem> claimOrder(ClusterState state, long ledgerMillis) {
    var blocked =
        state.work().newestBefore(Long.MAX_VALUE).stream()
            .map(state.work()::get)
            .filter(Objects::nonNull)
            .filter(item -> item.getState() == WorkState.WORK_STATE_PENDING)
            .filter(item -> !state.work().waitsFor(item).isEmpty())
            .sorted((a, b) -> ReadyIndex.compare(a, b, ledgerMillis));
    return Stream.concat(state.work().ready().inClaimOrder(ledgerMillis).stream(), blocked);
  }

  private static long workPlace(ClusterState state, String after) {
    if (after.isEmpty()) {
      return Long.MAX_VALUE;
    }
    WorkItem item = state.work().get(after);
    if (item == null) {
      throw gone("after_work_id", after);
    }
    return item.getSequence();
  }

  private static Refusal gone(String field, String id) {
    return Refusal.invalid(field, id, "an id that is still kept; begin again from the newest");
  }

  private static long limit(int asked) {
    return asked <= 0 ? Long.MAX_VALUE : asked;
  }
}
