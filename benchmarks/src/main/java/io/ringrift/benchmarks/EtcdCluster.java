package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.ringrift.kernel.Endpoint;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Three etcd servers on loopback. Each synchronises its log before it answers, as etcd always
/// does.
final class EtcdCluster implements AutoCloseable {
  private static final int SERVERS = 3;
  private static final String LOOPBACK = "127.0.0.1";

  private final Path folder;
  private final List<String> timing;
  private final List<Integer> ports = FreePorts.choose(2 * SERVERS);
  private final List<PeerProcess> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  private EtcdCluster(Path folder, List<String> timing) {
    this.folder = folder;
    this.timing = timing;
  }

  static boolean installed() {
    return PeerProcess.installed("etcd");
  }

  /// With etcd's own default timing.
  static EtcdCluster start(Path folder) throws IOException {
    return start(folder, List.of());
  }

  /// With a heartbeat of its leader and an election time-out of one's own.
  static EtcdCluster start(Path folder, Duration heartbeat, Duration election) throws IOException {
    return start(
        folder,
        List.of(
            "--heartbeat-interval",
            Long.toString(heartbeat.toMillis()),
            "--election-timeout",
            Long.toString(election.toMillis())));
  }

  private static EtcdCluster start(Path folder, List<String> timing) throws IOException {
    var cluster = new EtcdCluster(folder, timing);
    for (int i = 0; i < SERVERS; i++) {
      cluster.servers.add(cluster.launch(i));
      cluster.channels.add(Calls.channel(new Endpoint(LOOPBACK, cluster.ports.get(i))));
    }
    for (int i = 0; i < SERVERS; i++) {
      cluster.servers.get(i).awaitPort(cluster.ports.get(i));
    }
    return cluster;
  }

  private PeerProcess launch(int i) throws IOException {
    String members =
        IntStream.range(0, SERVERS)
            .mapToObj(k -> "e" + k + "=" + url(SERVERS + k))
            .collect(Collectors.joining(","));
    var command = new ArrayList<>(List.of("etcd", "--name", "e" + i));
    command.addAll(List.of("--data-dir", folder.resolve("etcd" + i).toString()));
    command.addAll(List.of("--listen-client-urls", url(i), "--advertise-client-urls", url(i)));
    command.addAll(List.of("--listen-peer-urls", url(SERVERS + i)));
    command.addAll(List.of("--initial-advertise-peer-urls", url(SERVERS + i)));
    command.addAll(List.of("--initial-cluster", members, "--initial-cluster-state", "new"));
    command.addAll(List.of("--logger", "zap", "--log-level", "error"));
    command.addAll(timing);
    return PeerProcess.start(command, folder.resolve("etcd" + i + ".log"));
  }

  private String url(int port) {
    return "http://" + LOOPBACK + ":" + ports.get(port);
  }

  List<Long> pids() {
    return servers.stream().map(PeerProcess::pid).toList();
  }

  /// The connection to the leader: what every write and read passes anyway.
  ManagedChannel leader() {
    return channels.get(awaitLeader());
  }

  /// Waits until one server alone says of itself that it leads: one that stood still does so until
  /// it hears of the next.
  int awaitLeader() {
    while (true) {
      var leaders = IntStream.range(0, SERVERS).filter(this::leads).toArray();
      if (leaders.length == 1) {
        return leaders[0];
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private boolean leads(int i) {
    try {
      return EtcdWire.leads(Calls.unary(channels.get(i), EtcdWire.STATUS, new byte[0]).join());
    } catch (java.util.concurrent.CompletionException notNow) {
      return false;
    }
  }

  /// One put, tried at every other server in turn until one acknowledges it.
  void awaitWriteBeside(int dead) {
    byte[] put = EtcdWire.put(EtcdWire.bytes("failover"), new byte[200]);
    for (int i = dead + 1; ; i++) {
      if (i % SERVERS != dead && acknowledged(channels.get(i % SERVERS), put)) {
        return;
      }
    }
  }

  private static boolean acknowledged(ManagedChannel channel, byte[] put) {
    try {
      var options = io.grpc.CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS);
      ClientCalls.blockingUnaryCall(channel, EtcdWire.PUT, options, put);
      return true;
    } catch (StatusRuntimeException passing) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      return false;
    }
  }

  /// kill -9 of one server.
  void kill(int i) throws InterruptedException {
    servers.get(i).kill();
  }

  /// Starts a killed server again and waits until it serves.
  void restart(int i) throws IOException {
    servers.set(i, launch(i).awaitPort(ports.get(i)));
    channels.get(i).resetConnectBackoff();
    awaitLeader();
    awaitWriteBeside(-1);
  }

  CompletableFuture<byte[]> put(ManagedChannel channel, byte[] key, byte[] value) {
    return Calls.unary(channel, EtcdWire.PUT, EtcdWire.put(key, value));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(PeerProcess::close);
  }
}
