package io.ringrift.managers.queue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.CheckJobsRequest;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.WorkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Whether the nodes could begin what items ask them to run, by the rules that jobs are spawned by:
/// an item that breaks them would be claimed and given back by one worker after the other.
final class JobChecks {
  private static final long CHECK_MILLIS = 5000;

  private final Services services;

  JobChecks(Services services) {
    this.services = services;
  }

  /// Checks those items that are run as processes.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the item's field, its value and the rule
  void check(List<WorkSpec> items) {
    var places = new ArrayList<Integer>();
    var request = CheckJobsRequest.newBuilder();
    for (int i = 0; i < items.size(); i++) {
      var job = items.get(i).getJob();
      if (!job.getWorkload().isEmpty() || job.getExecArgvCount() > 0) {
        places.add(i);
        request.addSpecs(job);
      }
    }
    if (places.isEmpty()) {
      return;
    }
    try {
      var _ =
          JobServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(CHECK_MILLIS, TimeUnit.MILLISECONDS)
              .checkJobs(request.build());
    } catch (StatusRuntimeException e) {
      // A node that serves no jobs has no rules for them.
      if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
        throw ofItem(items, places, Errors.fromStatus(e));
      }
    }
  }

  private static Refusal ofItem(List<WorkSpec> items, List<Integer> places, Refusal why) {
    Map<String, String> details = why.details();
    String index = details.getOrDefault("index", "");
    if (index.isEmpty()) {
      return why;
    }
    int place = places.get(Integer.parseInt(index));
    String field = "items[" + place + "].job.";
    var job = items.get(place).getJob();
    return switch (why.reason()) {
      case INVALID_ARGUMENT ->
          Refusal.invalid(
              field + details.getOrDefault("field", "spec"),
              details.getOrDefault("value", ""),
              details.getOrDefault("rule", why.text()));
      case WORKLOAD_NOT_FOUND ->
          Refusal.invalid(
              field + "workload",
              job.getWorkload(),
              "one that a node declares, which are " + details.getOrDefault("declared", "none"));
      case NODE_NOT_FOUND ->
          Refusal.invalid(
              field + "target_node_id", job.getTargetNodeId(), "a node that is known here");
      default -> new Refusal(why.reason(), why.text(), why);
    };
  }
}
