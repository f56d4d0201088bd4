package io.ringrift.kernel.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.SideCells;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.chaos.sim.Violation;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import io.ringrift.kernel.wire.FactVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The simulation bites: each fault planted in one rule of gossip is caught by an invariant that
/// names it, over seeds that the protocol passes.
final class PlantedFactFaultsTest {
  private static final int SEEDS = 12;

  @Test
  void theProtocolPassesTheSeedsThatCatchTheFaults() {
    assertThat(caught(GossipRules.PROTOCOL)).isEmpty();
  }

  @Test
  void anOlderVersionThatOverwritesANewerOneIsCaught() {
    var careless =
        new GossipRules() {
          @Override
          boolean laterOfOneBoot(FactVersion a, FactVersion b) {
            return a.counter() != b.counter();
          }
        };
    assertThat(caught(careless)).containsExactly("FactsNeverFall");
  }

  @Test
  void gossipThatTakesNoNewerVersionIsCaught() {
    var content =
        new GossipRules() {
          @Override
          boolean laterOfOneBoot(FactVersion a, FactVersion b) {
            return false;
          }
        };
    assertThat(caught(content)).containsExactly("FactsConverge");
  }

  @Test
  void startsOrderedByWallClocksAloneAreCaught() {
    var trusting =
        new GossipRules() {
          @Override
          boolean laterBoot(FactVersion a, FactVersion b, @Nullable BootId present) {
            return super.laterBoot(a, b, null);
          }
        };
    assertThat(caught(trusting)).containsExactly("FactsConverge");
  }

  /// Name of the first invariant that the seeds break.
  private static List<String> caught(GossipRules rules) {
    return LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> Sim.run(config(seed, rules)))
        .map(Outcome::violation)
        .flatMap(Optional::stream)
        .map(Violation::invariant)
        .limit(1)
        .toList();
  }

  private static SimConfig config(long seed, GossipRules rules) {
    return SimConfig.of(seed, 5, Duration.ofMinutes(20), Timing.lan(), BullyCell.protocol())
        .beside(new SideCells(MembershipCell.protocol(), GossipCell.with(rules)));
  }
}
