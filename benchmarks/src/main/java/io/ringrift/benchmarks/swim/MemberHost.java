package io.ringrift.benchmarks.swim;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.swim.SwimConfig;
import io.ringrift.kernel.membership.swim.SwimMembership;
import io.ringrift.kernel.membership.swim.SwimPorts;
import io.ringrift.kernel.membership.swim.SwimTiming;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ClusterSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// A process with some members of SWIM and nothing else of a node. Prints a line for each change
/// that one of them sees: observer, kind, member. Ends with its input.
public final class MemberHost {
  private static final int VOTERS = 3;
  private static final int SWIM_PORT = 7946;
  private static final int SERVICE_PORT = 8770;
  private static final SecureRandom BOOTS = new SecureRandom();

  private MemberHost() {}

  /// @param arguments preset of timing, first and last number of the members
  public static void main(String[] arguments) throws IOException {
    Timing timing = timing(arguments[0]);
    int first = Integer.parseInt(arguments[1]);
    int last = Integer.parseInt(arguments[2]);
    IntStream.rangeClosed(first, last).forEach(i -> open(i, timing));
    System.in.transferTo(OutputStream.nullOutputStream());
    System.exit(0);
  }

  static String name(int member) {
    return "n" + member;
  }

  /// Loopback address of a member: each has one of its own, so that all have the same ports.
  static String host(int member) {
    return "127.0." + (1 + member / 200) + "." + (1 + member % 200);
  }

  static Timing timing(String preset) {
    return switch (preset) {
      case "wan" -> Timing.wan();
      case "local" -> Timing.local();
      default -> Timing.lan();
    };
  }

  private static void open(int member, Timing timing) {
    var self = new NodeId(name(member));
    var membership = SwimMembership.open(config(member, timing), ports());
    say(self, "UP", self);
    var _ =
        membership.subscribe(
            event -> {
              switch (event) {
                case MembershipEvent.Joined(var other) -> say(self, "JOINED", other.id());
                case MembershipEvent.Died(var other) -> say(self, "DEAD", other.id());
                default -> {}
              }
            });
    // Those that joined between the two calls are told to nobody.
    membership.members().stream()
        .filter(other -> other.state() == MemberState.ALIVE && !other.id().equals(self))
        .forEach(other -> say(self, "JOINED", other.id()));
  }

  private static void say(NodeId observer, String kind, NodeId member) {
    System.out.println(observer + " " + kind + " " + member);
  }

  private static SwimConfig config(int member, Timing timing) {
    var voters = new TreeMap<NodeId, Endpoint>();
    for (int i = 1; i <= VOTERS; i++) {
      voters.put(new NodeId(name(i)), new Endpoint(host(i), SERVICE_PORT));
    }
    var settings =
        new ClusterSettings(
            "bench",
            "swim",
            "bully",
            ClusterSettings.PROTOCOL_VERSION,
            timing.lease(),
            timing.renew(),
            List.copyOf(voters.keySet()));
    return new SwimConfig(
        settings,
        new NodeId(name(member)),
        new BootId(BOOTS.nextLong()),
        Optional.of(new Endpoint(host(member), SERVICE_PORT)),
        host(member),
        SWIM_PORT,
        Optional.of(new Endpoint(host(member), SWIM_PORT)),
        Map.copyOf(voters),
        voters.values().stream().map(at -> new Endpoint(at.host(), SWIM_PORT)).toList(),
        timing,
        SwimTiming.of(timing),
        Optional.empty());
  }

  private static SwimPorts ports() {
    return new SwimPorts(
        Ticker.system(),
        () -> Leadership.unknown(Epoch.ZERO),
        (_, _) -> {},
        (_, _, _) -> {},
        new SimpleMeterRegistry());
  }
}
