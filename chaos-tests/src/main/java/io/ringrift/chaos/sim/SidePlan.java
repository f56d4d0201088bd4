package io.ringrift.chaos.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Nodes beside the voters, and their faults, drawn from the seed. Voters' faults are not shifted
/// by them. Spans are measured in leases.
final class SidePlan {
  /// At most so many nodes beside the voters.
  static final int MOST = 3;

  private final SplittableRandom random;
  private final long lease;
  private final int voters;
  private final int all;

  private SidePlan(SimConfig config, SplittableRandom random) {
    this.random = random;
    this.lease = config.timing().lease().toNanos();
    this.voters = config.nodes();
    this.all = (1 << (voters + others(config).size())) - 1;
  }

  /// The nodes beside the voters: for each, whether it can only dial out.
  static List<Boolean> others(SimConfig config) {
    if (config.sides().isEmpty()) {
      return List.of();
    }
    return switch (new Chance(config.seed()).sides.nextInt(6)) {
      case 0 -> List.of();
      case 1 -> List.of(false);
      case 2 -> List.of(true);
      case 3 -> List.of(false, true);
      case 4 -> List.of(true, true);
      default -> List.of(false, true, true);
    };
  }

  static List<Fault> draw(SimConfig config) {
    var plan = new SidePlan(config, new Chance(config.seed()).sides.split());
    var faults = new ArrayList<Fault>();
    for (int i = 0; i < others(config).size(); i++) {
      int node = config.nodes() + i;
      long at = plan.lease + Chance.around(plan.random, 4 * plan.lease);
      while (at < config.virtual().toNanos()) {
        plan.strike(node, at, faults);
        at += Chance.around(plan.random, 8 * plan.lease);
      }
    }
    return faults;
  }

  private void strike(int node, long at, List<Fault> faults) {
    int one = 1 << node;
    long until = at + span();
    switch (random.nextInt(8)) {
      case 0, 1 -> faults.add(new Fault.Crash(at, node, 0, span()));
      // Long enough to be retired.
      case 2 ->
          faults.add(new Fault.Crash(at, node, 0, Chance.magnitude(random, lease, 150 * lease)));
      case 3 -> faults.add(new Fault.Leave(at, node, span()));
      case 4 -> faults.add(new Fault.Pause(at, until, node, 0));
      case 5 -> {
        int far = 1 + random.nextInt((1 << voters) - 1);
        faults.add(new Fault.Cut(at, until, one, far));
        faults.add(new Fault.Cut(at, until, far, one));
      }
      case 6 -> {
        boolean mute = random.nextBoolean();
        faults.add(new Fault.Cut(at, until, mute ? one : all & ~one, mute ? all & ~one : one));
      }
      default -> {
        faults.add(new Fault.Cut(at, until, one, all & ~one));
        faults.add(new Fault.Cut(at, until, all & ~one, one));
      }
    }
  }

  private long span() {
    return Chance.magnitude(random, lease / 20, 5 * lease);
  }
}
