package io.ringrift.chaos.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// Draws a fault schedule from the seed, before the run. Spans are measured in leases, so that
/// every preset sees faults shorter and longer than each of its timeouts.
final class FaultPlan {
  private final SplittableRandom random;
  private final int nodes;
  private final long lease;
  private final long end;
  private final int maxPartsPerMillion;
  private final List<Fault> faults = new ArrayList<>();

  private FaultPlan(SimConfig config, SplittableRandom random) {
    this.random = random;
    this.nodes = config.nodes();
    this.lease = config.timing().lease().toNanos();
    this.end = config.virtual().toNanos();
    this.maxPartsPerMillion = config.timing().maxDriftPerMille() * 500;
  }

  /// The schedule, in order of time. Quiet spells between storms let the cluster make progress.
  static List<Fault> draw(SimConfig config, SplittableRandom random) {
    var plan = new FaultPlan(config, random);
    long at = 2 * plan.lease;
    while (at < plan.end) {
      long storm = at + Chance.around(random, 15 * plan.lease);
      while (at < storm && at < plan.end) {
        plan.strike(at);
        at += Chance.around(random, 2 * plan.lease);
      }
      at += Chance.around(random, 4 * plan.lease);
    }
    plan.faults.sort(Comparator.comparingLong(Fault::from));
    return List.copyOf(plan.faults);
  }

  private void strike(long at) {
    int roll = random.nextInt(100);
    if (roll < 16) {
      faults.add(new Fault.Crash(at, victim(), random.nextInt(12), span()));
    } else if (roll < 20) {
      crashMany(at);
    } else if (roll < 30) {
      faults.add(new Fault.Pause(at, at + span(), victim(), random.nextInt(8)));
    } else if (roll < 50) {
      cut(at, at + span());
    } else if (roll < 60) {
      weather(at, at + span());
    } else if (roll < 65) {
      pauseInARow(at);
    } else if (roll < 73) {
      isolateInARow(at);
    } else if (roll < 80) {
      stallAndCut(at);
    } else if (roll < 85) {
      faults.add(new Fault.ClockRate(at, random.nextInt(nodes), rate()));
    } else if (roll < 90) {
      faults.add(new Fault.StepDown(at, victim()));
    } else if (roll < 95) {
      faults.add(new Fault.Transfer(at, Fault.LEADER, random.nextInt(nodes)));
    } else {
      faults.add(new Fault.Unfit(at, at + span(), victim()));
    }
  }

  /// Power fails for several, mostly for all; they return one by one.
  private void crashMany(long at) {
    int struck = random.nextInt(4) == 0 ? 1 + random.nextInt((1 << nodes) - 1) : (1 << nodes) - 1;
    for (int node = 0; node < nodes; node++) {
      if ((struck >> node & 1) == 1) {
        faults.add(new Fault.Crash(at, node, random.nextInt(6), span()));
      }
    }
  }

  /// Several leaders in a row stop right behind one another.
  private void pauseInARow(long at) {
    for (int i = 0; i < 3; i++) {
      long from = at + i * lease * 3 / 2;
      faults.add(new Fault.Pause(from, from + 2 * lease, Fault.LEADER, random.nextInt(8)));
    }
  }

  /// Several leaders in a row are cut off, take what clients still offer them, and all return at
  /// the end: their tails contradict each other.
  private void isolateInARow(long at) {
    int leaders = 2 + random.nextInt(3);
    long until = at + (leaders + 1) * lease * 3 / 2;
    for (int i = 0; i < leaders; i++) {
      boolean deaf = random.nextInt(4) > 0;
      faults.add(new Fault.Isolate(at + i * lease * 3 / 2, until, Fault.LEADER, deaf, true));
    }
  }

  /// A leader stalls for less than its lease, so that answers wait for it, and is cut off when it
  /// goes on.
  private void stallAndCut(long at) {
    long stall = lease / 4 + random.nextLong(lease * 3 / 4);
    faults.add(new Fault.Pause(at, at + stall, Fault.LEADER, random.nextInt(16)));
    long from = at + lease / 8 + random.nextLong(lease / 8);
    faults.add(new Fault.Isolate(from, from + 3 * lease, Fault.LEADER, true, true));
  }

  private void cut(long from, long until) {
    int all = (1 << nodes) - 1;
    int one = 1 << random.nextInt(nodes);
    int some = 1 + random.nextInt(all);
    switch (random.nextInt(6)) {
      case 0 -> bothWays(from, until, one, all & ~one);
      case 1 -> faults.add(new Fault.Cut(from, until, one, all & ~one));
      case 2 -> faults.add(new Fault.Cut(from, until, all & ~one, one));
      case 3 -> bothWays(from, until, some, all & ~some);
      // A bridge: two sides that see one node and not each other.
      case 4 -> bothWays(from, until, some & ~one, all & ~some & ~one);
      default -> faults.add(new Fault.Cut(from, until, some, 1 + random.nextInt(all)));
    }
  }

  private void bothWays(long from, long until, int side, int other) {
    faults.add(new Fault.Cut(from, until, side, other));
    faults.add(new Fault.Cut(from, until, other, side));
  }

  private void weather(long from, long until) {
    int all = (1 << nodes) - 1;
    int where = random.nextBoolean() ? all : 1 + random.nextInt(all);
    switch (random.nextInt(4)) {
      case 0 -> faults.add(new Fault.Weather(from, until, where, 50 + random.nextInt(350), 0, 0));
      case 1 -> faults.add(new Fault.Weather(from, until, where, 0, 100 + random.nextInt(300), 50));
      case 2 -> faults.add(new Fault.Weather(from, until, where, 0, 0, 50 + random.nextInt(400)));
      default -> faults.add(new Fault.Weather(from, until, where, 100, 100, 100));
    }
  }

  private int victim() {
    return random.nextInt(5) < 2 ? Fault.LEADER : random.nextInt(nodes);
  }

  /// From a twentieth of a lease to five leases.
  private long span() {
    return Chance.magnitude(random, lease / 20, 5 * lease);
  }

  /// The bounds are drawn often: there the margin is thinnest.
  private int rate() {
    return switch (random.nextInt(3)) {
      case 0 -> maxPartsPerMillion;
      case 1 -> -maxPartsPerMillion;
      default -> random.nextInt(-maxPartsPerMillion, maxPartsPerMillion + 1);
    };
  }
}
