package io.ringrift.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void anotherProcessGivesTheSameTrace(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path hash = folder.resolve("hash");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TraceHash.class.getName(),
                "42",
                hash.toString())
            .inheritIO()
            .start();
    assertThat(other.waitFor()).isZero();
    assertThat(hash).content().isEqualTo(TraceHash.of(42));
  }

  /// What is salted in each process anew, as the order of sets, must not reach a run.
  static final class TraceHash {
    static String of(long seed) {
      return Integer.toHexString(trace(seed).hashCode());
    }

    public static void main(String[] args) throws IOException {
      Files.writeString(Path.of(args[1]), of(Long.parseLong(args[0])));
    }
  }

  @Test
  void aBreakThatDoesNotComeAgainIsABreak() {
    var held = Sim.run(config(1, 3, Duration.ofMinutes(1)));
    var broken = held.broken(new Violation(1, 5, "OneLeaderPerEpoch", "two", List.of()));
    assertThat(Sim.same(broken, broken)).isEqualTo(broken);
    Violation told = Sim.same(broken, held).violation().orElseThrow();
    assertThat(told.comesAgain()).isFalse();
    assertThat(told.toString()).contains("OneLeaderPerEpoch was broken", "nothing was broken");
  }

  @Test
  void aPauseOfAFormerLifeHoldsNobodyStill() {
    long second = Duration.ofSeconds(1).toNanos();
    var faults =
        List.<Fault>of(
            new Fault.Pause(second, 60 * second, 0, 0),
            new Fault.Crash(2 * second, 0, 0, second),
            new Fault.Pause(20 * second, 25 * second, 0, 0));
    var lines = new ArrayList<String>();
    Sim.replay(config(3, 3, Duration.ofMinutes(2)).under(faults), lines::add);
    assertThat(lines).filteredOn(line -> line.contains("stands still")).hasSize(2);
    assertThat(lines)
        .filteredOn(line -> line.contains("goes on"))
        .singleElement()
        .asString()
        .contains("25.0");
  }

  @Test
  void aStrikeThatWaitsIsNotForgottenForTheNext() {
    long second = Duration.ofSeconds(1).toNanos();
    int never = 1_000_000;
    var faults =
        List.<Fault>of(
            new Fault.Pause(second, 5 * second, 0, never),
            new Fault.Crash(second + 1, 0, never, second));
    var lines = new ArrayList<String>();
    Sim.replay(config(3, 3, Duration.ofMinutes(1)).under(faults), lines::add);
    assertThat(lines).filteredOn(line -> line.contains("stands still")).hasSize(1);
    assertThat(lines).filteredOn(line -> line.contains(" dies")).hasSize(1);
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
