package io.ringrift.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// A slice of what `sim run` covers, for every build; and what makes a failing seed worth having.
final class SimTest {
  private static final SideCells SIDES =
      new SideCells(MembershipCell.protocol(), GossipCell.protocol());

  @Test
  void everyInvariantHoldsUnderFaults() {
    var outcomes =
        LongStream.rangeClosed(1, 60)
            .mapToObj(seed -> Sim.run(config(seed, 5, Duration.ofMinutes(10))))
            .toList();
    assertThat(outcomes.stream().flatMap(outcome -> outcome.violation().stream())).isEmpty();
    // Invariants over nothing would hold as well.
    assertThat(outcomes)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.epochs()).isGreaterThan(3);
              assertThat(outcome.tally().acknowledged()).isGreaterThan(50);
              assertThat(outcome.tally().reads()).isGreaterThan(10);
              assertThat(outcome.tally().obeyed()).isGreaterThan(20);
            });
  }

  @Test
  void everyInvariantHoldsInSmallAndEvenClusters() {
    for (int nodes : new int[] {1, 2, 3, 4, 7}) {
      for (long seed = 1; seed <= 6; seed++) {
        assertThat(Sim.run(config(seed, nodes, Duration.ofMinutes(10))).violation()).isEmpty();
      }
    }
  }

  @Test
  void everyInvariantHoldsWithEachTimingPreset() {
    for (Timing timing : List.of(Timing.local(), Timing.wan())) {
      for (long seed = 1; seed <= 6; seed++) {
        var config =
            SimConfig.of(seed, 5, timing.lease().multipliedBy(60), timing, BullyCell.protocol())
                .beside(SIDES);
        assertThat(Sim.run(config).violation()).isEmpty();
      }
    }
  }

  /// A new leader whose source had no more for it; lives replaced by late messages of earlier ones.
  @Test
  void seedsThatOnceFoundAFaultPass() {
    for (long seed : new long[] {929, 2198, 3463, 5754, 6366}) {
      assertThat(Sim.run(config(seed, 5, Duration.ofMinutes(10))).violation()).isEmpty();
    }
    for (long seed : new long[] {1048, 2064, 2227, 7099}) {
      assertThat(Sim.run(config(seed, 5, Duration.ofHours(1))).violation()).isEmpty();
    }
  }

  @Test
  void sameSeedGivesTheSameTrace() {
    assertThat(trace(42)).hasSizeGreaterThan(1_000).isEqualTo(trace(42));
  }

  @Test
  void readingTheTraceDoesNotChangeTheRun() {
    var config = config(42, 5, Duration.ofMinutes(5));
    assertThat(Sim.run(config)).isEqualTo(Sim.replay(config, _ -> {}));
  }

  @Test
  void anotherSeedGivesAnotherRun() {
    assertThat(Sim.run(config(1, 5, Duration.ofMinutes(1))).fingerprint())
        .isNotEqualTo(Sim.run(config(2, 5, Duration.ofMinutes(1))).fingerprint());
  }

  @Test
  void aScheduleReplaysAsData() {
    var drawn = config(7, 5, Duration.ofMinutes(5));
    assertThat(Sim.run(drawn.under(Sim.schedule(drawn)))).isEqualTo(Sim.run(drawn));
  }

  private static List<String> trace(long seed) {
    var lines = new ArrayList<String>();
    Sim.replay(config(seed, 5, Duration.ofMinutes(5)), lines::add);
    return lines;
  }

  private static SimConfig config(long seed, int nodes, Duration virtual) {
    return SimConfig.of(seed, nodes, virtual, Timing.lan(), BullyCell.protocol()).beside(SIDES);
  }
}
