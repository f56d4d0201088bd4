package io.ringrift.benchmarks;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ringrift.loop.v1.LoopServiceGrpc;
import io.ringrift.loop.v1.PauseLoopRequest;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Nodes of ours, each a process with its own data root; what one has, all shall have. No cap on
/// the bandwidth, and no round of sync but those that are asked for.
final class SyncNodes implements AutoCloseable {
  static final String SOURCE = "n1";
  static final String TARGET = "n2";
  private static final int MOST_VOTERS = 3;
  private static final String[] FLAGS = {
    "--sync-interval", "24h", "--sync-bandwidth", "0", "--sync-replication-target", "0"
  };

  /// Nodes that start together once the voters are there.
  private static final int AT_ONCE = 2;

  private static final long LONGEST_START_MINUTES = 5;
  private static final long LONGEST_MINUTES = 20;
  private static final int MOST_BYTES = 64 << 20;

  private final LocalCluster cluster;
  private final Map<String, ManagedChannel> channels = new HashMap<>();

  private SyncNodes(LocalCluster cluster) {
    this.cluster = cluster;
  }

  static SyncNodes start(Path folder, int nodes, String timing) throws IOException {
    var setup = LocalSetup.of(Math.min(nodes, MOST_VOTERS), List.of(), 1).withTiming(timing);
    var cluster = new LocalCluster(folder, setup);
    for (int i = setup.voters() + 1; i <= nodes; i++) {
      cluster.add("n" + i);
    }
    var started = new SyncNodes(cluster);
    try {
      var all = cluster.nodes();
      // The voters need each other; the others would only take the processors from them.
      for (int from = 0; from < all.size(); ) {
        int end = Math.min(all.size(), from + (from == 0 ? setup.voters() : AT_ONCE));
        started.begin(all.subList(from, end));
        from = end;
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private void begin(List<String> group) throws IOException {
    for (String node : group) {
      cluster.start(node, FLAGS);
    }
    for (String node : group) {
      awaitAnswer(node);
      pause(node);
    }
  }

  /// Many that start at once on two processors take their time.
  private void awaitAnswer(String node) throws IOException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(LONGEST_START_MINUTES);
    while (true) {
      try {
        Asking.awaitAnswer(cluster, node);
        return;
      } catch (IllegalStateException slow) {
        if (System.nanoTime() - end > 0) {
          throw slow;
        }
      }
    }
  }

  List<String> names() {
    return cluster.nodes();
  }

  Path data(String node) {
    return cluster.dataRoot(node);
  }

  /// A node that appears wakes the loop.
  private void pause(String node) {
    var _ =
        LoopServiceGrpc.newBlockingStub(channel(node))
            .pauseLoop(PauseLoopRequest.newBuilder().setName("data_sync").build());
  }

  /// Makes a plan at the leader and tells how many copies it has.
  long plan() {
    return ask(leader()).planSync(PlanSyncRequest.getDefaultInstance()).getPlan().getTotalFiles();
  }

  /// What the leader needed to compare the manifests of the last plan.
  long planningMillis() {
    return ask(leader())
        .getSyncStatus(GetSyncStatusRequest.getDefaultInstance())
        .getCountersOrThrow("last_plan_millis");
  }

  long leaderPid() {
    return cluster.pid(leader());
  }

  List<Long> pids() {
    return cluster.nodes().stream().map(cluster::pid).toList();
  }

  /// Lets a node look at its files, as its loop does all the time, and hash those that are new.
  int scan(String node) {
    while (true) {
      try {
        return ask(node)
            .getManifest(GetManifestRequest.getDefaultInstance())
            .getManifest()
            .getFilesCount();
      } catch (StatusRuntimeException e) {
        // The node goes on and the next call waits for the same scan.
        if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
          throw e;
        }
      }
    }
  }

  /// A whole round of sync at the leader: manifests, plan, transfers.
  ///
  /// @throws IllegalStateException when a file did not arrive
  RunSyncResponse run() {
    String leader = leader();
    var response = ask(leader).runSync(RunSyncRequest.newBuilder().setWait(true).build());
    if (!response.getSuccess() || response.getPlan().getMissingNodeIdsCount() > 0) {
      throw new IllegalStateException(
          "sync failed, no manifest of "
              + response.getPlan().getMissingNodeIdsList()
              + ", first "
              + response.getFailedList().stream().findFirst());
    }
    return response;
  }

  private String leader() {
    while (true) {
      String leader = Asking.leaderAsSeenBy(cluster, SOURCE);
      if (cluster.nodes().contains(leader)) {
        return leader;
      }
    }
  }

  private Channel channel(String node) {
    return channels.computeIfAbsent(node, n -> Calls.channel(cluster.address(n)));
  }

  private SyncServiceGrpc.SyncServiceBlockingStub ask(String node) {
    return SyncServiceGrpc.newBlockingStub(channel(node))
        .withMaxInboundMessageSize(MOST_BYTES)
        .withDeadlineAfter(LONGEST_MINUTES, TimeUnit.MINUTES);
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    cluster.close();
  }
}
