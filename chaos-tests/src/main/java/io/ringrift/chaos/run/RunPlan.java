package io.ringrift.chaos.run;

import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.OtherModes;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// One scenario in one mode with one seed.
///
/// @param duration the schedule is repeated until that long; zero for once
/// @param seeds how many from this seed on, in the simulator; elsewhere 1
public record RunPlan(
    Scenario scenario,
    GroundKind ground,
    ConsensusMode consensus,
    MembershipMode membership,
    long seed,
    Duration duration,
    int seeds) {
  /// In the simulator, when nothing is said.
  public static final int SIM_SEEDS = 100;

  private static final Duration BETWEEN = Duration.ofSeconds(5);

  /// The faults at their times: up to a fifth later or longer, as the seed decides, and again and
  /// again until the duration is over.
  List<FaultSpec> schedule() {
    var random = new SplittableRandom(seed);
    var faults = new ArrayList<FaultSpec>();
    Duration round = Duration.ZERO;
    do {
      double stretch = 1 + random.nextDouble() / 5;
      for (FaultSpec fault : scenario.faults()) {
        faults.add(
            OtherModes.of(fault, consensus)
                .during(round.plus(times(fault.at(), stretch)), times(fault.lasting(), stretch)));
      }
      round = round.plus(times(scenario.length(), stretch)).plus(BETWEEN);
    } while (round.compareTo(duration) < 0);
    return List.copyOf(faults);
  }

  /// When the last fault ends.
  Duration length() {
    return schedule().stream()
        .map(FaultSpec::end)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private static Duration times(Duration span, double factor) {
    return Duration.ofNanos((long) (span.toNanos() * factor));
  }

  RunPlan withSeed(long other) {
    return new RunPlan(scenario, ground, consensus, membership, other, duration, seeds);
  }

  /// The command that runs it again.
  String replay() {
    return "bin/ringrift chaos run %s --ground %s --mode %s --membership %s --seed %d%s%s"
        .formatted(
            shellWord(scenario.origin().word()),
            ground.word(),
            word(consensus),
            word(membership),
            seed,
            duration.isZero() ? "" : " --duration " + duration.toSeconds() + "s",
            ground == GroundKind.SIM ? " --seeds " + seeds : "");
  }

  /// A path may have spaces.
  private static String shellWord(String word) {
    return word.matches("[\\w./@%+=:-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static String word(Enum<?> mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
