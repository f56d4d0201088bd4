package io.ringrift.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/// The systems of one comparison, started one after another and ended together, also when the
/// comparison is interrupted.
final class Systems implements AutoCloseable {
  private static final int SERVERS = 3;

  private final Lab lab;
  private final PrintWriter out;
  private final Deque<Runnable> started = new ArrayDeque<>();
  private final Thread hook = new Thread(this::end);

  Systems(Lab lab, PrintWriter out) {
    this.lab = lab;
    this.out = out;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Three nodes of ours.
  RingriftCluster ringrift(String mode) throws IOException {
    return ringrift(SERVERS, mode);
  }

  /// Any number of nodes of ours.
  RingriftCluster ringrift(int voters, String mode, String... flags) throws IOException {
    Lab.say(out, "starting RingRift " + mode + " " + String.join(" ", flags));
    return keep(
        RingriftCluster.start(lab.folder("ringrift-" + mode + started.size()), voters, mode, flags),
        RingriftCluster::close);
  }

  /// Three servers of etcd with its own timing; empty when it is not installed.
  Optional<EtcdCluster> etcd() throws IOException {
    if (!EtcdCluster.installed()) {
      Lab.missing(out, "etcd");
      return Optional.empty();
    }
    Lab.say(out, "starting etcd");
    return Optional.of(
        keep(EtcdCluster.start(lab.folder("etcd" + started.size())), EtcdCluster::close));
  }

  /// The same with a heartbeat and an election time-out of one's own.
  Optional<EtcdCluster> etcd(Duration heartbeat, Duration election) throws IOException {
    if (!EtcdCluster.installed()) {
      return Optional.empty();
    }
    Lab.say(out, "starting etcd, heartbeat " + heartbeat + ", election time-out " + election);
    var folder = lab.folder("etcd" + started.size());
    return Optional.of(keep(EtcdCluster.start(folder, heartbeat, election), EtcdCluster::close));
  }

  /// Three servers of Ratis with nothing of ours around it.
  RatisAloneCluster ratisAlone() throws IOException {
    Lab.say(out, "starting Ratis alone");
    return keep(RatisAloneCluster.start(lab.folder("ratis")), RatisAloneCluster::close);
  }

  /// One Redis; empty when it is not installed.
  Optional<RedisServer> redis() throws IOException {
    if (!RedisServer.installed()) {
      Lab.missing(out, "Redis");
      return Optional.empty();
    }
    Lab.say(out, "starting Redis");
    return Optional.of(keep(RedisServer.start(lab.folder("redis")), RedisServer::close));
  }

  /// One PostgreSQL; empty when it is not installed.
  Optional<PostgresServer> postgres() throws IOException, InterruptedException {
    if (!PostgresServer.installed()) {
      Lab.missing(out, "PostgreSQL");
      return Optional.empty();
    }
    Lab.say(out, "starting PostgreSQL");
    return Optional.of(keep(PostgresServer.start(lab.folder("postgres")), PostgresServer::close));
  }

  /// @param close ends it
  <T> T keep(T system, Consumer<T> close) {
    started.push(() -> close.accept(system));
    return system;
  }

  private synchronized void end() {
    while (!started.isEmpty()) {
      started.pop().run();
    }
  }

  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
