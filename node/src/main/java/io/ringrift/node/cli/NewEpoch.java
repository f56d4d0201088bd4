package io.ringrift.node.cli;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.GetLeadershipResponse;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Waits for the leader that comes behind a change of the whole cluster.
final class NewEpoch {
  private static final long LOOK_MILLIS = 100;

  private NewEpoch() {}

  /// @param passed epoch that ended
  /// @param nobody what to say when none comes in that time
  static GetLeadershipResponse await(
      ClusterClient client, long passed, Duration longest, Supplier<Refusal> nobody) {
    long end = System.nanoTime() + longest.toNanos();
    while (System.nanoTime() < end) {
      var leadership =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      if (!leadership.getLeaderId().isEmpty() && leadership.getEpoch() > passed) {
        return leadership;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    }
    throw nobody.get();
  }
}
