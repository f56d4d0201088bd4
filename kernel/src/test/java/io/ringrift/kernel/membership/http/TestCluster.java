package io.ringrift.kernel.membership.http;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.ErrorMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// Real http memberships in one process, joined by gRPC's in-process transport.
final class TestCluster implements AutoCloseable {
  static final Timing FAST =
      new Timing(
          Duration.ofSeconds(2),
          Duration.ofMillis(400),
          Duration.ofMillis(100),
          Duration.ofMillis(90),
          Duration.ofMillis(150),
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          Duration.ofMillis(100),
          10);

  /// One running node.
  record Running(HttpMembership membership, Server server) {
    void kill() {
      server.shutdownNow();
      membership.close();
    }
  }

  private final String prefix = UUID.randomUUID().toString();
  private final AtomicLong boots = new AtomicLong(1);
  private final Map<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Map<NodeId, Running> running = new LinkedHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final Map<NodeId, Endpoint> voters = new TreeMap<>();
  final List<String> audit = java.util.Collections.synchronizedList(new ArrayList<>());

  TestCluster(String... voterIds) {
    for (String id : voterIds) {
      voters.put(new NodeId(id), new Endpoint(id, 8770));
    }
  }

  ClusterSettings settings(Duration lease) {
    return new ClusterSettings(
        "test", "http", "bully", 1, lease, FAST.renew(), List.copyOf(voters.keySet()));
  }

  Running start(String id) {
    return start(id, Optional.of(new Endpoint(id, 8770)), FAST.lease(), List.of());
  }

  Running start(
      String id, Optional<Endpoint> advertise, Duration lease, List<BindableService> more) {
    var self = new NodeId(id);
    var config =
        new HttpConfig(
            settings(lease),
            self,
            new BootId(boots.getAndIncrement()),
            advertise,
            voters,
            List.of(),
            FAST);
    var ports =
        new HttpPorts(
            Ticker.system(),
            this::channel,
            () -> Leadership.unknown(Epoch.ZERO),
            (_, _) -> {},
            (kind, _, details) -> audit.add(id + " " + kind + " " + details),
            () -> channel(new Endpoint(id, 8770)),
            new SimpleMeterRegistry());
    var membership = HttpMembership.open(config, ports);
    var builder =
        InProcessServerBuilder.forName(name(new Endpoint(id, 8770)))
            .intercept(new ErrorMapping())
            .executor(threads);
    membership.services().forEach(builder::addService);
    more.forEach(builder::addService);
    try {
      var node = new Running(membership, builder.build().start());
      running.put(self, node);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<MemberState> seen(Running by, String id) {
    return by.membership().member(new NodeId(id)).map(m -> m.state());
  }

  Channel channel(Endpoint at) {
    return channels.computeIfAbsent(
        at, e -> InProcessChannelBuilder.forName(name(e)).executor(threads).build());
  }

  private String name(Endpoint at) {
    return prefix + "/" + at;
  }

  @Override
  public void close() {
    running.values().forEach(Running::kill);
    channels.values().forEach(ManagedChannel::shutdownNow);
    threads.shutdownNow();
  }
}
