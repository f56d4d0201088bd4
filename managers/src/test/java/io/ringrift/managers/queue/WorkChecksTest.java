package io.ringrift.managers.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.RenewWorkRequest;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// SPEC 7.3: what a request lacks is told by its field.
final class WorkChecksTest {
  private static void assertRefused(ThrowingCallable check, String field) {
    assertThatThrownBy(check)
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
              assertThat(refusal.details()).containsEntry("field", field);
            });
  }

  private static SubmitWorkRequest items(int count) {
    var request = SubmitWorkRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      request.addItems(WorkSpec.newBuilder().setWorkType("selfplay"));
    }
    return request.build();
  }

  @Test
  void aSubmissionHasOneToAHundredItems() {
    assertRefused(() -> WorkChecks.submit(items(0)), "items");
    WorkChecks.submit(items(1));
    WorkChecks.submit(items(100));
    assertRefused(() -> WorkChecks.submit(items(101)), "items");
  }

  @Test
  void aClaimWithoutWorkerOrCapabilitiesIsRefused() {
    var claim = ClaimWorkRequest.newBuilder().addCapabilities("selfplay");
    assertRefused(() -> WorkChecks.claim(claim.build(), 1000), "worker_id");
    claim.setWorkerId("w").clearCapabilities();
    assertRefused(() -> WorkChecks.claim(claim.build(), 1000), "capabilities");
  }

  @Test
  void aReportWithoutAnItemIsRefused() {
    var field = "claim.work_id";
    assertRefused(() -> WorkCommands.start(StartWorkRequest.getDefaultInstance()), field);
    assertRefused(() -> WorkCommands.complete(CompleteWorkRequest.getDefaultInstance()), field);
    assertRefused(() -> WorkCommands.fail(FailWorkRequest.getDefaultInstance()), field);
    assertRefused(() -> WorkCommands.release(ReleaseWorkRequest.getDefaultInstance()), field);
    assertRefused(() -> WorkCommands.renew(RenewWorkRequest.getDefaultInstance()), "claims");
  }

  @Test
  void aReportWithoutWorkerOrTokenIsRefused() {
    var claim = ClaimRef.newBuilder().setWorkId("x");
    assertRefused(() -> WorkChecks.claimRef(claim.build()), "claim.worker_id");
    claim.setWorkerId("w");
    assertRefused(() -> WorkChecks.claimRef(claim.build()), "claim.claim_token");
  }
}
