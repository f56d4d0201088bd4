package io.ringrift.benchmarks;

import io.grpc.ManagedChannel;
import io.ringrift.kernel.Endpoint;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Three processes of `RatisAlone` on loopback, with the flags of this very process, as our nodes
/// have them.
final class RatisAloneCluster implements AutoCloseable {
  private static final int SERVERS = 3;
  private static final String LOOPBACK = "127.0.0.1";

  private final List<PeerProcess> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  static RatisAloneCluster start(Path folder) throws IOException {
    var cluster = new RatisAloneCluster();
    var ports = FreePorts.choose(2 * SERVERS);
    for (int i = 0; i < SERVERS; i++) {
      cluster.servers.add(
          PeerProcess.start(command(folder, i, ports), folder.resolve("ratis" + i + ".log")));
      cluster.channels.add(Calls.channel(new Endpoint(LOOPBACK, ports.get(i))));
    }
    for (int i = 0; i < SERVERS; i++) {
      cluster.servers.get(i).awaitPort(ports.get(i));
    }
    return cluster;
  }

  private static List<String> command(Path folder, int i, List<Integer> ports) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(RatisAlone.class.getName());
    command.addAll(List.of(folder.resolve("ratis" + i).toString(), Integer.toString(i)));
    command.add(Integer.toString(ports.get(i)));
    ports.subList(SERVERS, 2 * SERVERS).forEach(port -> command.add(Integer.toString(port)));
    return command;
  }

  List<Long> pids() {
    return servers.stream().map(PeerProcess::pid).toList();
  }

  /// The connection to the server that leads now.
  ///
  /// @throws IllegalStateException when nobody does within a minute
  ManagedChannel leader() {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (System.nanoTime() - end < 0) {
      for (ManagedChannel channel : channels) {
        if (leads(channel)) {
          return channel;
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    throw new IllegalStateException("none of the servers of Ratis alone leads within a minute");
  }

  private static boolean leads(ManagedChannel channel) {
    try {
      return Calls.unary(channel, RatisAlone.LEADS, new byte[0]).join().length > 0;
    } catch (CompletionException notNow) {
      return false;
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    servers.forEach(PeerProcess::close);
  }
}
