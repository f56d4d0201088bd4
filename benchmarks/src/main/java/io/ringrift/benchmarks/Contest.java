package io.ringrift.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Several systems under the same closed loop, in alternating runs, so that what disturbs the
/// machine disturbs all of them.
final class Contest {
  /// Who takes part.
  ///
  /// @param operation one operation
  /// @param pids of its servers
  record Entrant(String name, ClosedLoop.Operation operation, Collection<Long> pids) {}

  private final PrintWriter out;
  private final LoadOptions options;
  private final Figures figures;

  Contest(PrintWriter out, LoadOptions options, Figures figures) {
    this.out = out;
    this.options = options;
    this.figures = figures;
  }

  void run(List<Entrant> entrants, List<Integer> sizes) throws InterruptedException {
    for (Entrant entrant : entrants) {
      Lab.say(out, "warming up " + entrant.name());
      ClosedLoop.run(entrant.operation(), 64, Duration.ofSeconds(options.warmUp), entrant.pids());
    }
    for (int round = 1; round <= options.rounds; round++) {
      for (int size : sizes) {
        for (Entrant entrant : entrants) {
          ClosedLoop.run(entrant.operation(), size, options.settle(), entrant.pids());
          var rates = ClosedLoop.run(entrant.operation(), size, options.measured(), entrant.pids());
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
    }
  }
}
