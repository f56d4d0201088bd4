package io.ringrift.managers.queue;

import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.CompleteWorkResponse;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.FailWorkResponse;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkResponse;
import io.ringrift.queue.v1.RenewWorkRequest;
import io.ringrift.queue.v1.RenewWorkResponse;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.StartWorkResponse;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.SubmitWorkResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.ClaimWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.RenewClaims;
import io.ringrift.state.v1.UpdateClaim;

/// The queue's requests as checked commands of the replicated state, and the results as answers;
/// the same for a call of its own and for one on a stream. Checks throw INVALID_ARGUMENT.
@Pure
final class WorkCommands {
  private static final int MOST_RESULT_BYTES = 64 * 1024;
  private static final int MOST_OUTPUT_BYTES = 8 * 1024;
  private static final int MOST_ERROR_BYTES = 4096;

  private WorkCommands() {}

  static Command.Builder submit(SubmitWorkRequest request) {
    WorkChecks.submit(request);
    return Command.newBuilder()
        .setRequestId(request.getRequestId())
        .setAddWork(
            AddWork.newBuilder().addAllItems(request.getItemsList()).setForce(request.getForce()));
  }

  static SubmitWorkResponse submitted(CommandResult result) {
    return SubmitWorkResponse.newBuilder()
        .addAllItems(result.getItemsList())
        .setDuplicate(result.getDuplicate())
        .build();
  }

  /// For one try; how long to wait is the caller's affair, and so is the check.
  ///
  /// @param asked what the worker sent, which is what a repeat of it is compared with
  /// @param allowed what it may have of that now
  static Command.Builder claim(ClaimWorkRequest asked, ClaimWork allowed) {
    var claim = allowed.toBuilder();
    claim.getClaimBuilder().clearWait();
    var command = Command.newBuilder().setRequestId(asked.getRequestId()).setClaimWork(claim);
    if (!asked.getRequestId().isEmpty()) {
      byte[] body = asked.toBuilder().clearWait().build().toByteArray();
      command.setBodyDigest(ByteString.copyFrom(Hashing.sha256().hashBytes(body).asBytes()));
    }
    return command;
  }

  static ClaimWorkResponse claimed(CommandResult result) {
    return ClaimWorkResponse.newBuilder().addAllItems(result.getItemsList()).build();
  }

  static Command.Builder start(StartWorkRequest request) {
    return update(request.getClaim(), UpdateClaim.newBuilder().setStarted(true));
  }

  static StartWorkResponse started(CommandResult result) {
    return StartWorkResponse.newBuilder().setItem(item(result)).build();
  }

  static Command.Builder renew(RenewWorkRequest request) {
    WorkChecks.range("claims", request.getClaimsCount(), 1, WorkChecks.MOST_PAGE);
    request.getClaimsList().forEach(WorkChecks::claimRef);
    return Command.newBuilder()
        .setRenewClaims(RenewClaims.newBuilder().addAllClaims(request.getClaimsList()));
  }

  static RenewWorkResponse renewed(CommandResult result) {
    return RenewWorkResponse.newBuilder()
        .addAllRenewed(result.getItemsList().stream().map(WorkItem::getWorkId).toList())
        .addAllLost(result.getLostList())
        .build();
  }

  static Command.Builder complete(CompleteWorkRequest request) {
    WorkChecks.bytes("result", request.getResult(), MOST_RESULT_BYTES);
    WorkChecks.bytes("output", request.getOutput(), MOST_OUTPUT_BYTES);
    return update(
        request.getClaim(),
        UpdateClaim.newBuilder().setCompleted(request.getResult()).setOutput(request.getOutput()));
  }

  static CompleteWorkResponse completed(CommandResult result) {
    return CompleteWorkResponse.newBuilder().setItem(item(result)).build();
  }

  static Command.Builder fail(FailWorkRequest request) {
    WorkChecks.bytes("error", request.getError(), MOST_ERROR_BYTES);
    return update(
        request.getClaim(), UpdateClaim.newBuilder().setFailed(request.toBuilder().clearClaim()));
  }

  static FailWorkResponse failed(CommandResult result) {
    return FailWorkResponse.newBuilder().setItem(item(result)).build();
  }

  static Command.Builder release(ReleaseWorkRequest request) {
    WorkChecks.bytes("cause", request.getCause(), MOST_ERROR_BYTES);
    var update = UpdateClaim.newBuilder();
    if (request.getUnfit()) {
      update.setRefused(request.getCause());
    } else {
      update.setReleased(request.getCause());
    }
    return update(request.getClaim(), update);
  }

  static ReleaseWorkResponse released(CommandResult result) {
    return ReleaseWorkResponse.newBuilder().setItem(item(result)).build();
  }

  private static Command.Builder update(ClaimRef claim, UpdateClaim.Builder update) {
    WorkChecks.claimRef(claim);
    return Command.newBuilder().setUpdateClaim(update.setClaim(claim));
  }

  private static WorkItem item(CommandResult result) {
    return result.getItems(0);
  }
}
