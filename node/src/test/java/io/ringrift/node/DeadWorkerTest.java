package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.node.cli.CommandLines;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkSpec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A worker that dies while it waits for work is granted nothing: the item would be out of reach
/// until its lease is over.
@Timeout(90)
class DeadWorkerTest {
  @Test
  void whatComesLaterGoesToWhoIsStillThere(@TempDir Path folder) throws InterruptedException {
    try (var nodes = new Nodes(folder, "n1")) {
      nodes.start("n1").awaitReady();
      String address = "127.0.0.1:" + nodes.port("n1");
      assertThat(CommandLines.run(address, "loop", "pause", "worker_pull").code()).isZero();
      await().atMost(Nodes.SOON).until(() -> waiting(nodes) == 0);
      ManagedChannel dying = channel(nodes);
      var unanswered = QueueServiceGrpc.newFutureStub(dying).claimWork(claim("dying", 30));
      await().atMost(Nodes.SOON).until(() -> waiting(nodes) == 1);

      dying.shutdownNow();
      await().atMost(Nodes.SOON).until(unanswered::isDone);
      await().atMost(Nodes.SOON).until(() -> waiting(nodes) == 0);

      ManagedChannel living = channel(nodes);
      var queue = QueueServiceGrpc.newBlockingStub(living);
      var spec = WorkSpec.newBuilder().setWorkType("survey");
      queue.submitWork(
          SubmitWorkRequest.newBuilder().setRequestId("submit").addItems(spec).build());
      ClaimWorkResponse granted = queue.claimWork(claim("living", 0));
      assertThat(granted.getItemsList()).hasSize(1);
      living.shutdownNow();
    }
  }

  private static int waiting(Nodes nodes) {
    return nodes
        .get("n1", "/status")
        .path("managers")
        .path("QueueManager")
        .path("details")
        .path("waiting_claims")
        .asInt();
  }

  private static ManagedChannel channel(Nodes nodes) {
    return NettyChannelBuilder.forAddress("127.0.0.1", nodes.port("n1")).usePlaintext().build();
  }

  private static ClaimWorkRequest claim(String worker, int waitSeconds) {
    return ClaimWorkRequest.newBuilder()
        .setWorkerId(worker)
        .setRequestId("claim-" + worker)
        .addCapabilities("survey")
        .setAcceptAnyWorkload(true)
        .setMaxItems(1)
        .setWait(Duration.newBuilder().setSeconds(waitSeconds))
        .build();
  }
}
