package io.ringrift.kernel.membership.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Detectors joined by a seeded bad network: loss, delay past the poll timeout, cuts in one
/// direction, restarts. After healing, all have to see each other ALIVE within a bound.
class PollDetectorUnderFaultsTest {
  private static final int NODES = 5;
  private static final Timing LOCAL = Timing.local();

  static IntStream seeds() {
    return IntStream.rangeClosed(1, 40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void afterHealingAllSeeEachOtherAlive(int seed) {
    var net = new Net(seed);
    net.run(Duration.ofSeconds(30));
    net.heal();
    net.run(LOCAL.deadAfter().multipliedBy(4));

    net.assertAllAlive("seed " + seed);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void tenPercentLossKillsNobody(int seed) {
    var net = new Net(seed);
    net.heal();
    net.run(Duration.ofSeconds(5));
    net.loss = 10;
    net.deaths = 0;
    net.run(Duration.ofSeconds(60));

    assertThat(net.deaths).as("deaths with seed %s", seed).isZero();
  }

  private record Event(Moment at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private record Node(NodeId id, BootId boot, PollDetector detector) {}

  private static final class Net {
    final Random chance;
    final PriorityQueue<Event> events = new PriorityQueue<>();
    final Map<NodeId, Endpoint> addresses = new TreeMap<>();
    final Map<NodeId, Node> nodes = new TreeMap<>();
    final Set<List<NodeId>> cuts = new HashSet<>();
    Moment now = new Moment(0);
    long orders;
    long boots;
    int loss;
    int deaths;
    boolean weather = true;

    Net(int seed) {
      chance = new Random(seed);
      for (int i = 0; i < NODES; i++) {
        var id = new NodeId("n" + i);
        addresses.put(id, address(id));
      }
      addresses.keySet().forEach(this::boot);
      in(Duration.ZERO, this::changeWeather);
    }

    void boot(NodeId id) {
      var boot = new BootId(++boots);
      var config =
          new DetectorConfig(id, boot, Optional.of(address(id)), addresses, List.of(), LOCAL, 100);
      var node = new Node(id, boot, new PollDetector(config, now));
      nodes.put(id, node);
      in(Duration.ofMillis(chance.nextInt(60)), () -> tick(node));
    }

    void heal() {
      weather = false;
      loss = 0;
      cuts.clear();
    }

    void changeWeather() {
      if (!weather) {
        return;
      }
      loss = chance.nextInt(60);
      cuts.clear();
      var ids = List.copyOf(addresses.keySet());
      for (int i = chance.nextInt(8); i > 0; i--) {
        cuts.add(List.of(ids.get(chance.nextInt(NODES)), ids.get(chance.nextInt(NODES))));
      }
      if (chance.nextInt(4) == 0) {
        boot(ids.get(chance.nextInt(NODES)));
      }
      in(Duration.ofMillis(500 + chance.nextInt(5000)), this::changeWeather);
    }

    void run(Duration span) {
      Moment end = now.plus(span);
      while (!events.isEmpty() && events.peek().at().isBefore(end)) {
        Event event = events.remove();
        now = event.at();
        event.action().run();
      }
      now = end;
    }

    void assertAllAlive(String what) {
      for (Node node : nodes.values()) {
        var seen =
            node.detector().members(now).stream()
                .collect(Collectors.toMap(m -> m.id(), m -> m.boot() + " " + m.state()));
        var expected =
            nodes.values().stream().collect(Collectors.toMap(Node::id, n -> n.boot() + " ALIVE"));
        assertThat(seen).as("%s: view of %s", what, node.id()).isEqualTo(expected);
      }
    }

    private void in(Duration span, Runnable action) {
      events.add(new Event(now.plus(span), orders++, action));
    }

    private static Endpoint address(NodeId id) {
      return new Endpoint(id.value(), 8770);
    }

    private Node running(NodeId id) {
      return Objects.requireNonNull(nodes.get(id));
    }

    private boolean up(Node node) {
      return node.equals(nodes.get(node.id()));
    }

    private void tick(Node node) {
      if (up(node)) {
        step(node, new PollInput.Tick());
        in(Duration.ofMillis(60), () -> tick(node));
      }
    }

    private void step(Node node, PollInput input) {
      for (PollEffect effect : node.detector().step(now, input)) {
        switch (effect) {
          case PollEffect.Greet(var at) -> greet(node, at);
          case PollEffect.Poll poll -> poll(node, poll);
          case PollEffect.Changed(var event) -> {
            if (event instanceof io.ringrift.kernel.MembershipEvent.Died) {
              deaths++;
            }
          }
          case PollEffect.Report _ -> {}
        }
      }
    }

    private void greet(Node from, Endpoint at) {
      in(LOCAL.requestTimeout(), () -> stepIfUp(from, new PollInput.GreetFailed(at)));
      var id = new NodeId(at.host());
      Intro intro = intro(from);
      carry(
          from.id(),
          id,
          () -> {
            Node to = running(id);
            step(to, new PollInput.Admitted(intro, Optional.empty()));
            Intro reply = intro(to);
            carry(
                id,
                from.id(),
                () -> stepIfUp(from, new PollInput.Admitted(reply, Optional.of(at))));
          });
    }

    private void poll(Node from, PollEffect.Poll poll) {
      in(LOCAL.requestTimeout(), () -> stepIfUp(from, new PollInput.PollFailed(poll.to())));
      Intro intro = intro(from);
      carry(
          from.id(),
          poll.to(),
          () -> {
            Node to = running(poll.to());
            step(to, new PollInput.Polled(intro, Optional.of(poll.belief())));
            Intro reply = intro(to);
            Optional<Belief> belief = to.detector().beliefOf(intro);
            List<MemberReport> reports =
                to.detector().members(now).stream()
                    .map(m -> MemberReport.of(m, now, false))
                    .toList();
            carry(
                poll.to(),
                from.id(),
                () -> {
                  stepIfUp(from, new PollInput.Answered(poll.to(), reply, belief));
                  stepIfUp(from, new PollInput.Learned(poll.to(), reports));
                });
          });
    }

    private void carry(NodeId from, NodeId to, Runnable arrival) {
      if (chance.nextInt(100) < loss || cuts.contains(List.of(from, to))) {
        return;
      }
      int millis = chance.nextInt(10) == 0 && weather ? chance.nextInt(2000) : chance.nextInt(20);
      in(Duration.ofMillis(millis), arrival);
    }

    private void stepIfUp(Node node, PollInput input) {
      if (up(node)) {
        step(node, input);
      }
    }

    private Intro intro(Node node) {
      return new Intro(
          node.id(),
          node.boot(),
          node.detector().incarnation(),
          Optional.of(address(node.id())),
          Optional.empty(),
          Epoch.ZERO);
    }
  }
}
