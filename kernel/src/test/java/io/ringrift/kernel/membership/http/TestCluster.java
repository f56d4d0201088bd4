package io.ringrift.kernel.membership.http;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Real http memberships in one process, joined by gRPC's in-process transport.
public final class TestCluster implements AutoCloseable {
  public static final Timing FAST =
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
  public record Running(HttpMembership membership, Server server) {
    public void kill() {
      server.shutdownNow();
      membership.close();
    }
  }

  private final String prefix = UUID.randomUUID().toString();
  private final AtomicLong boots = new AtomicLong(1);
  private final Map<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Map<NodeId, Running> running = new LinkedHashMap<>();
  private final Set<List<String>> cut = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  public final Map<NodeId, Endpoint> voters = new TreeMap<>();
  public final List<String> audit = java.util.Collections.synchronizedList(new ArrayList<>());

  public TestCluster(String... voterIds) {
    for (String id : voterIds) {
      voters.put(new NodeId(id), new Endpoint(id, 8770));
    }
  }

  ClusterSettings settings(Duration lease) {
    return settings("test", lease);
  }

  /// Of a node in other modes.
  ClusterSettings settings(String membershipMode, String consensusMode) {
    return new ClusterSettings(
        "test",
        membershipMode,
        consensusMode,
        1,
        FAST.lease(),
        FAST.renew(),
        List.copyOf(voters.keySet()));
  }

  public ClusterSettings settings(String clusterId, Duration lease) {
    return new ClusterSettings(
        clusterId, "http", "bully", 1, lease, FAST.renew(), List.copyOf(voters.keySet()));
  }

  public Running start(String id) {
    return start(id, Optional.of(new Endpoint(id, 8770)), FAST.lease(), List.of());
  }

  Running start(
      String id, Optional<Endpoint> advertise, Duration lease, List<BindableService> more) {
    return start(config(id, advertise, settings(lease)), more);
  }

  Running start(HttpConfig config, List<BindableService> more) {
    var membership = HttpMembership.open(config, ports(config.self().value()));
    var services = new ArrayList<>(membership.services());
    services.addAll(more);
    var node = new Running(membership, serve(config.self().value(), services));
    running.put(config.self(), node);
    return node;
  }

  public HttpConfig config(String id, Optional<Endpoint> advertise, ClusterSettings settings) {
    return new HttpConfig(
        settings,
        new NodeId(id),
        new BootId(boots.getAndIncrement()),
        advertise,
        voters,
        List.of(),
        FAST);
  }

  public HttpPorts ports(String id) {
    return new HttpPorts(
        Ticker.system(),
        at -> ClientInterceptors.intercept(channel(at), new Link(id, at.host())),
        () -> Leadership.unknown(Epoch.ZERO),
        (_, _) -> {},
        (kind, _, details) -> audit.add(id + " " + kind + " " + details),
        () -> channel(new Endpoint(id, 8770)),
        new SimpleMeterRegistry());
  }

  public Server serve(String id, List<BindableService> services) {
    var builder =
        InProcessServerBuilder.forName(name(new Endpoint(id, 8770)))
            .intercept(new ErrorMapping())
            .executor(threads);
    services.forEach(builder::addService);
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Cuts every link between the two sides.
  public void split(Set<String> one, Set<String> other) {
    for (String a : one) {
      for (String b : other) {
        cut.add(List.of(a, b));
        cut.add(List.of(b, a));
      }
    }
  }

  public void heal() {
    cut.clear();
  }

  void kill(String id) {
    Objects.requireNonNull(running.remove(new NodeId(id))).kill();
  }

  /// Fails the calls of one node to another while that link is cut.
  private final class Link implements ClientInterceptor {
    private final String from;
    private final String to;

    Link(String from, String to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return cut.contains(List.of(from, to))
          ? next.newCall(method, options.withDeadlineAfter(-1, TimeUnit.SECONDS))
          : next.newCall(method, options);
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
