package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShakenClusterTest {
  @Test
  void cutsLossAndCrashesBreakNoPromiseAndHeal() {
    int elections = 0;
    int barriers = 0;
    int installs = 0;
    int drops = 0;
    for (long seed = 1; seed <= 60; seed++) {
      var cluster = new ShakenCluster(seed, 1 + (int) (seed % 5), Rules.PROTOCOL);
      try {
        cluster.runFor(Duration.ofSeconds(30));
        cluster.calm();
        cluster.runFor(Duration.ofSeconds(12));
        assertThat(cluster.leader()).as("leader after healing").isPresent();
        long before = cluster.stored();
        cluster.runFor(Duration.ofSeconds(2));
        assertThat(cluster.stored()).as("progress after healing").isGreaterThan(before);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
      elections += cluster.elections;
      barriers += cluster.barriers;
      installs += cluster.installs;
      drops += cluster.drops;
    }
    assertThat(elections).isGreaterThan(120);
    assertThat(barriers).isGreaterThan(300);
    assertThat(installs).isPositive();
    assertThat(drops).isPositive();
  }

  @Test
  void sameSeedGivesTheSameTrace() {
    assertThat(trace(42)).isEqualTo(trace(42));
  }

  private static java.util.List<String> trace(long seed) {
    var cluster = new ShakenCluster(seed, 5, Rules.PROTOCOL);
    cluster.runFor(Duration.ofSeconds(20));
    return cluster.trace;
  }
}
