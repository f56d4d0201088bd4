package io.ringrift.benchmarks;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Questions to a running cluster that several measurements ask.
final class Asking {
  private static final Duration LONGEST_START = Duration.ofSeconds(30);

  private Asking() {}

  /// Empty when the node does not answer or knows no leader.
  static String leaderAsSeenBy(LocalCluster cluster, String node) {
    var address = List.of(cluster.address(node));
    try (var client = new ClusterClient(address, Optional.empty(), Duration.ofSeconds(1))) {
      return client
          .call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()))
          .getLeaderId();
    } catch (Refusal starting) {
      return "";
    }
  }

  /// One harmless write under one request id, repeated until a leader acknowledges it.
  static void awaitWrite(ClusterClient client) {
    var request =
        SetDrainRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setNodeId("n1")
            .build();
    while (true) {
      try {
        client.call(c -> PlacementServiceGrpc.newBlockingStub(c).setDrain(request));
        return;
      } catch (Refusal passing) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
  }

  /// Waits until the node's health page answers; 30 s at most. No channel, whose pauses between
  /// tries would be measured with it.
  static void awaitAnswer(LocalCluster cluster, String node) throws IOException {
    URL page = URI.create("http://" + cluster.address(node) + "/health").toURL();
    long end = System.nanoTime() + LONGEST_START.toNanos();
    while (System.nanoTime() - end < 0) {
      try {
        var connection = (HttpURLConnection) page.openConnection();
        connection.setReadTimeout((int) LONGEST_START.toMillis());
        if (connection.getResponseCode() == HttpURLConnection.HTTP_OK) {
          return;
        }
      } catch (ConnectException starting) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
    throw new IllegalStateException(node + " does not answer; see " + cluster.log(node));
  }
}
