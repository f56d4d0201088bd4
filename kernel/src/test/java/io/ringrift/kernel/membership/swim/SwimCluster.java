package io.ringrift.kernel.membership.swim;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FreePorts;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ClusterSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Real SWIM memberships in one process, on ports of 127.0.0.1, with links that can be cut.
public final class SwimCluster implements AutoCloseable {
  private static final AtomicLong BOOTS = new AtomicLong(1);

  private final Map<NodeId, Endpoint> voters = new TreeMap<>();
  private final Map<NodeId, Endpoint> swimAt = new LinkedHashMap<>();
  private final Map<NodeId, SwimMembership> running = new LinkedHashMap<>();
  private final Map<NodeId, SimpleMeterRegistry> meters = new ConcurrentHashMap<>();
  private final Set<List<String>> cut = ConcurrentHashMap.newKeySet();
  private final Timing timing;
  public final List<String> audit = Collections.synchronizedList(new ArrayList<>());
  public final Map<NodeId, List<String>> hints = new ConcurrentHashMap<>();

  public SwimCluster(Timing timing, String... voterIds) {
    this.timing = timing;
    var ports = FreePorts.choose(voterIds.length);
    for (int i = 0; i < voterIds.length; i++) {
      var id = new NodeId(voterIds[i]);
      voters.put(id, new Endpoint(voterIds[i], 8770));
      swimAt.put(id, new Endpoint("127.0.0.1", ports.get(i)));
    }
  }

  public ClusterSettings settings(String cluster, Duration lease) {
    return new ClusterSettings(
        cluster, "swim", "bully", 1, lease, timing.renew(), List.copyOf(voters.keySet()));
  }

  /// Of a node in other modes.
  ClusterSettings settingsIn(String membershipMode, String consensusMode) {
    return new ClusterSettings(
        "test",
        membershipMode,
        consensusMode,
        1,
        timing.lease(),
        timing.renew(),
        List.copyOf(voters.keySet()));
  }

  public SwimMembership start(String id) {
    return start(id, "test", timing.lease());
  }

  public SwimMembership start(String id, String cluster, Duration lease) {
    return start(config(id, cluster, lease), Leadership.unknown(Epoch.ZERO));
  }

  SwimMembership start(SwimConfig config, Leadership leadership) {
    var membership = SwimMembership.open(config, ports(config.self(), leadership));
    attach(config.self(), membership);
    return membership;
  }

  /// Puts a membership that was opened elsewhere under this cluster's links.
  public void attach(NodeId self, SwimMembership membership) {
    running.put(self, membership);
    String own = swimAt(self).toString();
    membership.transport().network((to, _) -> cut.contains(List.of(own, to)));
  }

  public SwimConfig config(String id, String cluster, Duration lease) {
    var self = new NodeId(id);
    Endpoint at = swimAt(self);
    return new SwimConfig(
        settings(cluster, lease),
        self,
        new BootId(BOOTS.getAndIncrement()),
        Optional.of(new Endpoint(id, 8770)),
        "127.0.0.1",
        at.port(),
        Optional.of(at),
        voters,
        voters.keySet().stream().map(this::swimAt).toList(),
        timing,
        SwimTiming.of(timing),
        Optional.empty());
  }

  public SwimPorts ports(NodeId self, Leadership leadership) {
    var registry = new SimpleMeterRegistry();
    meters.put(self, registry);
    return new SwimPorts(
        Ticker.system(),
        () -> leadership,
        (leader, epoch) ->
            hints
                .computeIfAbsent(self, _ -> Collections.synchronizedList(new ArrayList<>()))
                .add(leader + " " + epoch),
        (kind, _, details) -> audit.add(self + " " + kind + " " + details),
        registry);
  }

  public Endpoint swimAt(NodeId id) {
    return swimAt.computeIfAbsent(
        id, _ -> new Endpoint("127.0.0.1", FreePorts.choose(1).getFirst()));
  }

  SwimMembership membership(String id) {
    return Objects.requireNonNull(running.get(new NodeId(id)));
  }

  /// Connections that others have open to it.
  int guests(String id) {
    return membership(id).transport().sockets().guests();
  }

  /// Loses that part of all messages, each way; a lost one that goes by connection stands for one
  /// that comes too late.
  void lose(double part, long seed) {
    var random = new Random(seed);
    for (var membership : running.values()) {
      membership
          .transport()
          .network(
              (_, _) -> {
                synchronized (random) {
                  return random.nextDouble() < part;
                }
              });
    }
  }

  SimpleMeterRegistry meters(String id) {
    return Objects.requireNonNull(meters.get(new NodeId(id)));
  }

  /// Cuts every link between the two sides.
  public void split(Set<String> one, Set<String> other) {
    for (String a : one) {
      for (String b : other) {
        cutOneWay(a, b);
        cutOneWay(b, a);
      }
    }
  }

  public void cutOneWay(String from, String to) {
    cut.add(List.of(swimAt(new NodeId(from)).toString(), swimAt(new NodeId(to)).toString()));
  }

  /// Heals all links but that one, in that direction.
  void healAllBut(String from, String to) {
    cutOneWay(from, to);
    var left = List.of(swimAt(new NodeId(from)).toString(), swimAt(new NodeId(to)).toString());
    cut.removeIf(link -> !link.equals(left));
  }

  public void heal() {
    cut.clear();
  }

  public void kill(String id) {
    Objects.requireNonNull(running.remove(new NodeId(id))).close();
  }

  @Override
  public void close() {
    new HashSet<>(running.values()).forEach(SwimMembership::close);
  }
}
