package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One of five members is slow.
@Timeout(180)
final class SlowMemberTest {
  private static final Timing TIMING = Timing.lan();
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int DOUBT = 3;

  private final SwimTiming swim = SwimTiming.of(TIMING);
  private final SwimCluster cluster = new SwimCluster(TIMING, "n1", "n2", "n3", "n4", "n5");
  private final List<MembershipEvent> told = Collections.synchronizedList(new ArrayList<>());
  private final Stalls stalls = new Stalls(swim.pingInterval());
  private SwimMembership slow;
  private List<SwimMembership> quick;

  /// Lets a thread stand still for two probe intervals, and go on for one, again and again. One
  /// thread, but for `on`.
  private static final class Stalls {
    private final Ticker ticker = Ticker.system();
    private final Duration interval;
    private volatile boolean on;
    private Moment next = Moment.MIN;

    Stalls(Duration interval) {
      this.interval = interval;
    }

    void here() {
      if (on && !ticker.now().isBefore(next)) {
        LockSupport.parkNanos(interval.multipliedBy(2).toNanos());
        next = ticker.now().plus(interval);
      }
    }
  }

  @BeforeEach
  void start() {
    slow = startWithStalls("n1");
    quick = Stream.of("n2", "n3", "n4", "n5").map(cluster::start).toList();
    var all = Stream.concat(Stream.of(slow), quick.stream()).toList();
    await().atMost(LONG).until(() -> all.stream().allMatch(m -> m.members().size() == 5));
    await().atMost(LONG).until(() -> slow.status().localHealth() == 0);
    var _ = slow.subscribe(told::add);
  }

  @AfterEach
  void close() {
    stalls.on = false;
    cluster.close();
  }

  /// The owner thread asks who leads for each message that it sends.
  private SwimMembership startWithStalls(String id) {
    SwimConfig config = cluster.config(id, "test", TIMING.lease());
    SwimPorts ports = cluster.ports(config.self(), Leadership.unknown(Epoch.ZERO));
    Supplier<Leadership> leadership =
        () -> {
          stalls.here();
          return Leadership.unknown(Epoch.ZERO);
        };
    var membership =
        SwimMembership.open(
            config,
            new SwimPorts(
                ports.ticker(), leadership, ports.advertised(), ports.audit(), ports.metrics()));
    cluster.attach(config.self(), membership);
    return membership;
  }

  private static boolean finds(SwimMembership one, String dead) {
    return one.member(new NodeId(dead)).orElseThrow().state() == MemberState.DEAD;
  }

  private void nobodyDiesFor(Duration time) {
    await()
        .during(time)
        .atMost(time.plus(LONG))
        .untilAsserted(() -> assertThat(told).noneMatch(MembershipEvent.Died.class::isInstance));
  }

  @Test
  void aMemberWhoseThreadStandsStillDoubtsItselfAndFindsOnlyTheDeadOne() {
    stalls.on = true;

    await().atMost(LONG).until(() -> slow.status().localHealth() >= DOUBT);
    nobodyDiesFor(swim.worstDetection(5));
    cluster.kill("n5");

    var others = quick.subList(0, 3);
    await().atMost(LONG).until(() -> others.stream().allMatch(one -> finds(one, "n5")));
    await().atMost(LONG).until(() -> finds(slow, "n5"));
    assertThat(told.stream().filter(MembershipEvent.Died.class::isInstance)).hasSize(1);
  }

  /// A member that is sound has suspected a silent one and found it dead within `worstDetection`.
  @Test
  void aMemberWhoseMessagesAllComeTooLateTakesLongerToFindAnybodyDead() {
    cluster.split(Set.of("n1"), Set.of("n2", "n3", "n4", "n5"));

    nobodyDiesFor(swim.worstDetection(5));
    assertThat(slow.status().localHealth()).isGreaterThanOrEqualTo(DOUBT);
    cluster.heal();

    await()
        .atMost(LONG)
        .until(() -> slow.members().stream().allMatch(m -> m.state() == MemberState.ALIVE));
    assertThat(told).noneMatch(MembershipEvent.Died.class::isInstance);
  }
}
