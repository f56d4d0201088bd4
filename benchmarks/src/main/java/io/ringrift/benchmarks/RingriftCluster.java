package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Voters of ours under load: real processes with the flags and the configuration of
/// `bin/ringrift`, but for the queue's limits, which a load would meet before anything else.
final class RingriftCluster implements AutoCloseable {
  private static final String OURS = "RingRift ";
  private static final String LIMITS = "queue: {soft_limit: 1000000, hard_limit: 1000000}\n";

  private final String mode;
  private final List<String> flags;
  private final LocalCluster cluster;
  private final ClusterClient client;
  private Optional<ManagedChannel> toLeader = Optional.empty();
  private String led = "";

  private RingriftCluster(String mode, LocalCluster cluster, List<String> flags) {
    this.mode = mode;
    this.flags = flags;
    this.cluster = cluster;
    this.client = new ClusterClient(cluster.addresses(), Optional.empty(), Duration.ofSeconds(1));
  }

  /// @param mode of consensus
  /// @param flags of every node
  static RingriftCluster start(Path folder, int voters, String mode, String... flags)
      throws IOException {
    var setup =
        LocalSetup.of(voters, List.of(), 1).withConfig("consensus_mode: " + mode + "\n" + LIMITS);
    var started = new RingriftCluster(mode, new LocalCluster(folder, setup), List.of(flags));
    for (String node : started.cluster.nodes()) {
      started.cluster.start(node, flags);
    }
    started.awaitLeader();
    return started;
  }

  /// For tables.
  String name() {
    return OURS + mode;
  }

  /// Whether a name of a table's system is one of ours.
  static boolean isOurs(String system) {
    return system.startsWith(OURS);
  }

  List<Long> pids() {
    return cluster.nodes().stream().map(cluster::pid).toList();
  }

  long pid(String node) {
    return cluster.pid(node);
  }

  /// A connection to the node that leads now.
  ManagedChannel leader() {
    String leads = awaitLeader();
    if (toLeader.isPresent() && leads.equals(led)) {
      return toLeader.get();
    }
    toLeader.ifPresent(ManagedChannel::shutdownNow);
    var channel = Calls.channel(cluster.address(leads));
    toLeader = Optional.of(channel);
    led = leads;
    return channel;
  }

  /// Every node answers and knows the same leader, and a write is acknowledged: a node that still
  /// starts would be measured with the rest.
  String awaitLeader() {
    while (true) {
      Asking.awaitWrite(client);
      Set<String> leaders = new HashSet<>();
      for (String node : cluster.nodes()) {
        leaders.add(Asking.leaderAsSeenBy(cluster, node));
      }
      String leader = leaders.iterator().next();
      if (leaders.size() == 1 && cluster.nodes().contains(leader)) {
        return leader;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /// Waits until any node acknowledges a write.
  void awaitWrite() {
    Asking.awaitWrite(client);
  }

  /// One write, tried at the other nodes until one acknowledges it, 100 ms a try: what a silent
  /// node is asked never ends by itself.
  void awaitWriteBeside(String silent) {
    var others =
        cluster.nodes().stream().filter(n -> !n.equals(silent)).map(cluster::address).toList();
    try (var client = new ClusterClient(others, Optional.empty(), Duration.ofMillis(100))) {
      Asking.awaitWrite(client);
    }
  }

  /// kill -9 of one node.
  void kill(String node) throws InterruptedException {
    cluster.kill(node);
  }

  /// Starts a killed node again.
  void restart(String node) throws IOException {
    cluster.start(node, flags.toArray(String[]::new));
  }

  @Override
  public void close() {
    toLeader.ifPresent(ManagedChannel::shutdownNow);
    client.close();
    cluster.close();
  }
}
