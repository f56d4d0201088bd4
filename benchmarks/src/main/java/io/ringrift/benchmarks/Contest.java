package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// Several systems under the same closed loop, in alternating runs, so that what disturbs the
/// machine disturbs all of them.
final class Contest {
  /// Who takes part.
  ///
  /// @param begin finds who leads now, and gives the operation there
  /// @param pids of its servers
  record Entrant(String name, Supplier<ClosedLoop.Operation> begin, Collection<Long> pids) {
    private Rates run(int size, Duration length) throws InterruptedException {
      return ClosedLoop.run(begin.get(), size, length, pids);
    }
  }

  private static final int WARM_UP = 64;

  private final PrintWriter out;
  private final LoadOptions options;
  private final Figures figures;

  Contest(PrintWriter out, LoadOptions options, Figures figures) {
    this.out = out;
    this.options = options;
    this.figures = figures;
  }

  void run(List<Entrant> entrants, List<Integer> sizes) throws Exception {
    for (Entrant entrant : entrants) {
      Lab.say(out, "warming up " + entrant.name());
      SpoiledRun.repeat(out, () -> entrant.run(WARM_UP, Duration.ofSeconds(options.warmUp)));
    }
    for (int round = 1; round <= options.rounds; round++) {
      for (int size : sizes) {
        for (Entrant entrant : entrants) {
          measure(round, entrant, size);
        }
      }
    }
  }

  private void measure(int round, Entrant entrant, int size) throws Exception {
    var rates =
        SpoiledRun.repeat(
            out,
            () -> {
              entrant.run(size, options.settle());
              return entrant.run(size, options.measured());
            });
    figures.add(entrant.name(), size, rates);
    Lab.say(
        out,
        String.format(
            Locale.ROOT,
            "round %d: %s, %d outstanding: %,.0f/s, p50 %.2f ms, p99 %.1f ms",
            round,
            entrant.name(),
            size,
            rates.perSecond(),
            rates.p50(),
            rates.p99()));
  }
}
