package io.ringrift.chaos.run;

import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.chaos.sim.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes a failing simulation smaller as long as it breaks the same invariant: fewer faults, fewer
/// voters, less time. It goes round until nothing helps any more, for a bounded number of runs. One
/// thread.
public final class Shrinker {
  private static final int MOST_RUNS = 400;

  /// Of all runs together, so that a long simulation is not shrunk for hours.
  private static final long MOST_EVENTS = 30_000_000;

  private final String broken;
  private SimConfig best;
  private int runs;
  private long events;
  private boolean helped;

  private Shrinker(SimConfig config, String broken) {
    this.best = config;
    this.broken = broken;
  }

  /// Shrinks a failing simulation and writes it into a file for `sim replay`.
  ///
  /// @param timing preset that the simulation has
  /// @return what the file says
  /// @throws IllegalArgumentException when nothing is broken
  public static SimFile save(SimConfig failing, String timing, Path file) throws IOException {
    SimConfig smallest = smallest(failing);
    Violation violation = Sim.run(smallest).violation().orElseThrow();
    SimFile saved = SimFile.of(smallest, timing, violation.invariant());
    saved.write(file);
    return saved;
  }

  /// @throws IllegalArgumentException when nothing is broken
  static SimConfig smallest(SimConfig config) {
    SimConfig whole = config.under(Sim.schedule(config));
    Violation violation =
        Sim.run(whole)
            .violation()
            .orElseThrow(() -> new IllegalArgumentException("nothing is broken by " + config));
    var shrinker = new Shrinker(whole, violation.invariant());
    shrinker.cutAt(violation.at());
    do {
      shrinker.helped = false;
      shrinker.faults();
      shrinker.voters();
      shrinker.time();
    } while (shrinker.helped && shrinker.mayGoOn());
    return shrinker.best;
  }

  /// Takes the candidate over if it breaks the same.
  private boolean takes(SimConfig candidate) {
    if (!mayGoOn()) {
      return false;
    }
    runs++;
    Outcome outcome = Sim.run(candidate);
    events += outcome.events();
    boolean same = outcome.violation().filter(v -> v.invariant().equals(broken)).isPresent();
    best = same ? candidate : best;
    helped |= same;
    return same;
  }

  private boolean mayGoOn() {
    return runs < MOST_RUNS && events < MOST_EVENTS;
  }

  private List<Fault> left() {
    return best.schedule().orElse(List.of());
  }

  /// What would come behind the break.
  private void cutAt(long at) {
    var _ = takes(best.under(left().stream().filter(fault -> fault.from() <= at).toList()));
    if (at < best.virtual().toNanos()) {
      var _ = takes(best.lasting(Duration.ofNanos(at + 1)));
    }
  }

  /// Halves first, then ever smaller pieces, at last one by one.
  private void faults() {
    for (int piece = Math.max(1, left().size() / 2); piece >= 1; piece /= 2) {
      for (int end = left().size(); end > 0; end -= piece) {
        var fewer = new ArrayList<>(left());
        fewer.subList(Math.max(0, end - piece), Math.min(end, fewer.size())).clear();
        if (fewer.size() < left().size()) {
          var _ = takes(best.under(fewer));
        }
      }
    }
  }

  private void voters() {
    for (int node = best.nodes() - 1; node >= 0 && best.nodes() > 1; node--) {
      int voters = best.nodes();
      var map = new Renumbered(node, voters);
      List<Fault> others = left().stream().flatMap(fault -> without(fault, map).stream()).toList();
      var _ = takes(best.withVoters(voters - 1).under(others));
    }
  }

  /// The end sooner, then everything sooner.
  private void time() {
    long last = left().stream().mapToLong(SimEvidence::until).max().orElse(0);
    if (last < best.virtual().toNanos()) {
      var _ = takes(best.lasting(Duration.ofNanos(last + 1)));
    }
    boolean helps = true;
    while (helps && best.virtual().toMillis() > 1) {
      helps = takes(best.lasting(best.virtual().multipliedBy(3).dividedBy(4)));
    }
    helps = true;
    while (helps && !left().isEmpty() && left().getFirst().from() > 1) {
      long sooner = left().getFirst().from() / 2;
      helps =
          takes(
              best.under(left().stream().map(fault -> sooner(fault, sooner)).toList())
                  .lasting(best.virtual().minusNanos(Math.min(sooner, nanos(best) - 1))));
    }
  }

  private static long nanos(SimConfig config) {
    return config.virtual().toNanos();
  }

  private static Fault sooner(Fault fault, long by) {
    long from = fault.from() - by;
    return switch (fault) {
      case Fault.Crash f -> new Fault.Crash(from, f.node(), f.afterEffects(), f.downFor());
      case Fault.Leave f -> new Fault.Leave(from, f.node(), f.downFor());
      case Fault.Pause f -> new Fault.Pause(from, f.until() - by, f.node(), f.afterEffects());
      case Fault.Cut f -> new Fault.Cut(from, f.until() - by, f.senders(), f.receivers());
      case Fault.Isolate f -> new Fault.Isolate(from, f.until() - by, f.node(), f.deaf(), f.mute());
      case Fault.Weather f ->
          new Fault.Weather(from, f.until() - by, f.nodes(), f.loss(), f.duplicate(), f.late());
      case Fault.Link f ->
          new Fault.Link(
              from,
              f.until() - by,
              f.senders(),
              f.receivers(),
              f.loss(),
              f.duplicate(),
              f.delay(),
              f.jitter(),
              f.spared());
      case Fault.ClockRate f -> new Fault.ClockRate(from, f.node(), f.partsPerMillion());
      case Fault.StepDown f -> new Fault.StepDown(from, f.node());
      case Fault.Transfer f -> new Fault.Transfer(from, f.node(), f.target());
      case Fault.Unfit f -> new Fault.Unfit(from, f.until() - by, f.node());
    };
  }

  /// The fault in a cluster without that voter: those behind it move up. Empty when it was about
  /// that one, or about a node beside the voters, whose number means another then.
  private static Optional<Fault> without(Fault fault, Renumbered map) {
    return switch (fault) {
      case Fault.Crash f ->
          map.one(f.node()).map(n -> new Fault.Crash(f.from(), n, f.afterEffects(), f.downFor()));
      case Fault.Leave _ -> Optional.empty();
      case Fault.Pause f ->
          map.one(f.node()).map(n -> new Fault.Pause(f.from(), f.until(), n, f.afterEffects()));
      case Fault.Cut f ->
          map.both(f.senders(), f.receivers())
              .map(m -> new Fault.Cut(f.from(), f.until(), m.senders(), m.receivers()));
      case Fault.Isolate f ->
          map.one(f.node()).map(n -> new Fault.Isolate(f.from(), f.until(), n, f.deaf(), f.mute()));
      case Fault.Weather f ->
          map.both(f.nodes(), f.nodes())
              .map(
                  m ->
                      new Fault.Weather(
                          f.from(), f.until(), m.senders(), f.loss(), f.duplicate(), f.late()));
      case Fault.Link f ->
          map.both(f.senders(), f.receivers())
              .map(
                  m ->
                      new Fault.Link(
                          f.from(),
                          f.until(),
                          m.senders(),
                          m.receivers(),
                          f.loss(),
                          f.duplicate(),
                          f.delay(),
                          f.jitter(),
                          f.spared()));
      case Fault.ClockRate f ->
          map.one(f.node()).map(n -> new Fault.ClockRate(f.from(), n, f.partsPerMillion()));
      case Fault.StepDown f -> map.one(f.node()).map(n -> new Fault.StepDown(f.from(), n));
      case Fault.Transfer f ->
          map.one(f.node())
              .flatMap(n -> map.one(f.target()).map(t -> new Fault.Transfer(f.from(), n, t)));
      case Fault.Unfit f -> map.one(f.node()).map(n -> new Fault.Unfit(f.from(), f.until(), n));
    };
  }

  /// Numbers and sets of voters when one is gone.
  private record Renumbered(int gone, int voters) {
    record Sets(int senders, int receivers) {}

    Optional<Integer> one(int node) {
      if (node == Fault.LEADER) {
        return Optional.of(node);
      }
      return node == gone || node >= voters
          ? Optional.empty()
          : Optional.of(node > gone ? node - 1 : node);
    }

    Optional<Sets> both(int senders, int receivers) {
      var sets = new Sets(set(senders), set(receivers));
      return sets.senders() == 0 || sets.receivers() == 0 ? Optional.empty() : Optional.of(sets);
    }

    private int set(int mask) {
      int below = mask & ((1 << gone) - 1);
      int above = (mask & ((1 << voters) - 1)) >> (gone + 1);
      return below | above << gone;
    }
  }
}
