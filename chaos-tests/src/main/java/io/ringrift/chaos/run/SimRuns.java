package io.ringrift.chaos.run;

import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.SideCells;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.membership.http.MembershipCell;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One scenario in the simulator with many seeds. One thread.
final class SimRuns {
  private static final Duration CALM = Duration.ofSeconds(2);

  /// @param seeds how many ran
  /// @param acknowledged commands over all
  /// @param silent seeds in which none was
  /// @param slowest healing
  /// @param failed the first that broke an invariant, with its smallest schedule
  record Sum(int seeds, long acknowledged, int silent, Duration slowest, Optional<Failed> failed) {}

  /// @param config the smallest that still breaks it
  /// @param outcome of that
  record Failed(SimConfig config, Outcome outcome) {
    List<Fault> schedule() {
      return config.schedule().orElse(List.of());
    }

    /// A file that runs it again.
    SimFile file(String timing) {
      return SimFile.of(config, timing, outcome.violation().orElseThrow().invariant());
    }
  }

  private SimRuns() {}

  static Sum run(RunPlan plan) {
    long acknowledged = 0;
    int silent = 0;
    long slowest = 0;
    for (int i = 0; i < plan.seeds(); i++) {
      SimConfig config = config(plan, plan.seed() + i);
      Outcome outcome = Sim.run(config);
      if (outcome.violation().isPresent()) {
        boolean shrinks = outcome.violation().get().comesAgain();
        SimConfig smallest = shrinks ? Shrinker.smallest(config) : config;
        return new Sum(
            i + 1,
            acknowledged,
            silent,
            Duration.ofNanos(slowest),
            Optional.of(new Failed(smallest, shrinks ? Sim.run(smallest) : outcome)));
      }
      acknowledged += outcome.tally().acknowledged();
      silent += outcome.tally().acknowledged() == 0 ? 1 : 0;
      slowest = Math.max(slowest, outcome.healNanos());
    }
    return new Sum(plan.seeds(), acknowledged, silent, Duration.ofNanos(slowest), Optional.empty());
  }

  private static SimConfig config(RunPlan plan, long seed) {
    Scenario scenario = plan.scenario();
    List<FaultSpec> specs = plan.withSeed(seed).schedule();
    Duration length =
        specs.stream().map(FaultSpec::end).max(Duration::compareTo).orElse(CALM).plus(CALM);
    return SimConfig.of(
            seed, scenario.nodes(), length, Presets.of(scenario.timing()), BullyCell.protocol())
        .beside(new SideCells(MembershipCell.protocol(), GossipCell.protocol()))
        .under(SimFaults.of(specs, scenario.nodes(), seed));
  }
}
