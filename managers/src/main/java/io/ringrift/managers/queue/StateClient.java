package io.ringrift.managers.queue;

import io.grpc.Context;
import io.ringrift.common.v1.Fence;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadJobsResponse;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.ReadWorkResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The replicated state as the queue asks for it: by RPC at this node. Calls block within the
/// caller's deadline, at most 10 s.
final class StateClient {
  private static final long DEADLINE_MILLIS = 10_000;

  private final Services services;
  private final LeaderHint hint;

  StateClient(Services services, LeaderHint hint) {
    this.services = services;
    this.hint = hint;
  }

  private StateServiceGrpc.StateServiceBlockingStub stub() {
    var deadline = Context.current().getDeadline();
    var stub = StateServiceGrpc.newBlockingStub(services.local());
    return deadline == null
        ? stub.withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)
        : stub.withDeadline(deadline);
  }

  CommandResult apply(Command.Builder command) {
    hint.requireLeader();
    return stub()
        .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build())
        .getResult();
  }

  /// Each for itself; a refused one has a reason.
  List<CommandResult> applyAll(List<Command> commands) {
    return stub()
        .applyCommands(ApplyCommandsRequest.newBuilder().addAllCommands(commands).build())
        .getResultsList();
  }

  CommandResult applyFenced(Epoch epoch, Command.Builder command) {
    return stub()
        .applyCommand(
            ApplyCommandRequest.newBuilder()
                .setFence(Fence.newBuilder().setEpoch(epoch.value()))
                .setCommand(command)
                .build())
        .getResult();
  }

  ReadWorkResponse read(ReadWorkRequest.Builder request) {
    return stub().readWork(request.build());
  }

  ReadJobsResponse jobs(ReadJobsRequest.Builder request) {
    return stub().readJobs(request.build());
  }

  GetStateResponse counts() {
    return stub().getState(GetStateRequest.getDefaultInstance());
  }

  /// The item with this id, or the only one whose id begins with it.
  WorkItem resolve(String idOrPrefix) {
    return find(idOrPrefix, ReadConsistency.READ_CONSISTENCY_UNSPECIFIED).getItems(0);
  }

  /// As `resolve`, at a level of the caller's and with how fresh the answer is.
  ReadWorkResponse find(String idOrPrefix, ReadConsistency level) {
    WorkChecks.workId("work_id", idOrPrefix);
    ReadWorkResponse answer =
        read(
            ReadWorkRequest.newBuilder()
                .setIdPrefix(idOrPrefix)
                .setLimit(5)
                .setReadConsistency(level));
    List<WorkItem> found = answer.getItemsList();
    if (found.isEmpty()) {
      throw new Refusal(
          Reason.WORK_NOT_FOUND,
          "no work item \"" + idOrPrefix + "\"; `queue list` shows those there are");
    }
    // Ids come sorted, so an exact match comes first.
    if (found.size() > 1 && !found.getFirst().getWorkId().equals(idOrPrefix)) {
      throw new Refusal(
          Reason.AMBIGUOUS_ID,
          "\""
              + idOrPrefix
              + "\" fits several work items, "
              + found.get(0).getWorkId()
              + " and "
              + found.get(1).getWorkId()
              + " among them; give more of the id");
    }
    return answer.toBuilder().clearItems().addItems(found.getFirst()).build();
  }
}
