package io.ringrift.chaos.run;

import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.sim.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A scenario's faults as those of the simulator, for one seed. A crash, a pause and an isolation
/// find the leader when they strike; sets of nodes are drawn from the seed, so that over many seeds
/// the leader is on every side. One thread.
final class SimFaults {
  private static final int MOST_EFFECTS = 12;

  private final SplittableRandom random;
  private final int nodes;
  private final List<Fault> faults = new ArrayList<>();

  private SimFaults(int nodes, long seed) {
    this.nodes = nodes;
    this.random = new SplittableRandom(seed);
  }

  static List<Fault> of(List<FaultSpec> specs, int nodes, long seed) {
    var all = new SimFaults(nodes, seed);
    specs.forEach(all::add);
    all.faults.sort(java.util.Comparator.comparingLong(Fault::from));
    return List.copyOf(all.faults);
  }

  private void add(FaultSpec spec) {
    long at = spec.at().toNanos();
    long end = spec.end().toNanos();
    int all = (1 << nodes) - 1;
    int hit = mask(spec.targets(), all);
    switch (spec.kind()) {
      case CUT -> cut(at, end, hit, mask(spec.to(), all & ~hit), !spec.flag("one_way"));
      case SPLIT -> split(at, end, hit, spec.number("parts", 2));
      case ISOLATE -> isolate(spec.targets(), at, end);
      case FLAP -> {
        long every = spec.duration("every").toNanos();
        for (long from = at; from < end; from += 2 * every) {
          isolate(spec.targets(), from, from + every);
        }
      }
      case BRIDGE -> {
        int side = some(all & ~hit, Integer.bitCount(all & ~hit) / 2);
        cut(at, end, side, all & ~hit & ~side, true);
      }
      case RING -> ring(at, end);
      case DELAY, LOSS, DUPLICATE, REORDER -> link(spec, at, end, hit);
      case KILL, RESTART -> crash(spec, at, end);
      case PAUSE -> each(spec.targets(), node -> faults.add(new Fault.Pause(at, end, node, 0)));
      case CLOCK ->
          each(
              spec.targets(),
              node -> {
                faults.add(new Fault.ClockRate(at, node, 1000 * spec.number("rate", 0)));
                faults.add(new Fault.ClockRate(end, node, 0));
              });
      default -> throw new IllegalArgumentException(spec.kind() + " is not for the simulation");
    }
  }

  /// Both ways; without another end, between those and everybody.
  private void link(FaultSpec spec, long at, long end, int hit) {
    int all = (1 << nodes) - 1;
    int to =
        spec.to().isEmpty()
            ? all
            : mask(spec.to(), spec.to().contains("others") ? all & ~hit : all);
    int loss = spec.kind() == FaultKind.LOSS ? 10 * spec.number("percent", 0) : 0;
    int twice = spec.kind() == FaultKind.DUPLICATE ? 10 * spec.number("percent", 0) : 0;
    boolean reorders = spec.kind() == FaultKind.REORDER;
    int spared = reorders ? 1000 - 10 * spec.number("percent", 0) : 0;
    long delay = reorders ? 0 : spec.duration("delay").toNanos();
    long jitter = (reorders ? LinkFaults.hold(spec) : spec.duration("jitter")).toNanos();
    faults.add(new Fault.Link(at, end, hit, to, loss, twice, delay, jitter, spared));
    if (hit != to) {
      faults.add(new Fault.Link(at, end, to, hit, loss, twice, delay, jitter, spared));
    }
  }

  private void crash(FaultSpec spec, long at, long end) {
    long down = Math.max(end - at, Duration.ofMillis(200).toNanos());
    var next = new long[] {at};
    each(
        spec.targets(),
        node -> {
          faults.add(new Fault.Crash(next[0], node, random.nextInt(MOST_EFFECTS), down));
          if (spec.flag("rolling")) {
            next[0] += 2 * down + Duration.ofSeconds(4).toNanos();
          }
        });
  }

  private void isolate(List<String> targets, long at, long end) {
    each(targets, node -> faults.add(new Fault.Isolate(at, end, node, true, true)));
  }

  private void cut(long at, long end, int from, int to, boolean both) {
    faults.add(new Fault.Cut(at, end, from, to));
    if (both) {
      faults.add(new Fault.Cut(at, end, to, from));
    }
  }

  private void split(long at, long end, int side, int parts) {
    int left = (1 << nodes) - 1;
    if (side != 0) {
      cut(at, end, side, left & ~side, true);
      return;
    }
    for (int i = parts; i > 1; i--) {
      int part = some(left, Integer.bitCount(left) / i);
      left &= ~part;
      cut(at, end, part, left, true);
    }
  }

  private void ring(long at, long end) {
    for (int node = 0; node < nodes; node++) {
      int near = (1 << node) | (1 << (node + 1) % nodes) | (1 << (node + nodes - 1) % nodes);
      faults.add(new Fault.Cut(at, end, 1 << node, ((1 << nodes) - 1) & ~near));
    }
  }

  /// Each node of the words; `leader` is found when the fault strikes.
  private void each(List<String> words, java.util.function.IntConsumer then) {
    if (words.equals(List.of("leader"))) {
      then.accept(Fault.LEADER);
      return;
    }
    int hit = mask(words, (1 << nodes) - 1);
    for (int node = 0; node < nodes; node++) {
      if (((hit >> node) & 1) == 1) {
        then.accept(node);
      }
    }
  }

  private int mask(List<String> words, int from) {
    int mask = 0;
    int minority = (nodes - 1) / 2;
    for (String word : words) {
      mask |=
          switch (word) {
            case "all", "others" -> from;
            case "leader", "follower" -> some(from, 1);
            case "followers" -> some(from, nodes - 1);
            case "half" -> some(from, nodes / 2);
            case "minority", "leader-minority" -> some(from, minority);
            case "majority" -> some(from, nodes / 2 + 1);
            default -> 1 << (Integer.parseInt(word.substring(1)) - 1);
          };
    }
    return mask;
  }

  private int some(int from, int count) {
    int chosen = 0;
    while (Integer.bitCount(chosen) < Math.min(count, Integer.bitCount(from))) {
      chosen |= (1 << random.nextInt(nodes)) & from;
    }
    return chosen;
  }
}
