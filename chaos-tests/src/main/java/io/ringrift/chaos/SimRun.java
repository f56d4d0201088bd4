package io.ringrift.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.run.Shrinker;
import io.ringrift.chaos.run.SimFile;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.chaos.sim.Violation;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Runs many seeds, each on one thread, and prints what was covered and what was broken.
@Command(
    name = "run",
    description = "Runs many seeds and prints violations with the command that replays them.",
    mixinStandardHelpOptions = true)
final class SimRun implements Callable<Integer> {
  private static final double HOUR = 3.6e12;

  /// A run of so many seeds says ten times how far it is.
  private static final int LONG = 100;

  /// Each takes up to some hundred runs.
  private static final int SHRUNK = 3;

  @Mixin SimOptions options = new SimOptions();

  @Option(names = "--seeds", defaultValue = "100", description = "How many (default: 100).")
  int seeds;

  @Option(names = "--first-seed", defaultValue = "1", description = "The first (default: 1).")
  long first;

  @Option(names = "--threads", description = "Threads (default: one per core).")
  int threads;

  @Option(
      names = "--faults",
      paramLabel = "FILE",
      description = "Every seed under the faults, voters, time and timing of a saved simulation.")
  Optional<Path> faults = Optional.empty();

  @Option(
      names = "--save",
      paramLabel = "DIR",
      defaultValue = "target/sim",
      description = "Where what fails is saved, shrunk: the first three (target/sim).")
  Path folder = Path.of("target/sim");

  @Option(names = "-o", defaultValue = "text", description = "text or json (default: text).")
  String output = "text";

  private Optional<SimFile> saved = Optional.empty();
  private final Map<Violation, Shrunk> shrunk = new LinkedHashMap<>();

  /// Why it could not be saved.
  private final Map<Violation, String> unsaved = new LinkedHashMap<>();

  /// A failing simulation at its smallest.
  private record Shrunk(Path file, SimFile saved) {
    String text() {
      return String.format(
          Locale.ROOT,
          "%d faults, %d voters, %.3f s: bin/ringrift sim replay %s",
          saved.faults().size(),
          saved.nodes(),
          saved.virtualNanos() / 1e9,
          file);
    }
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    check();
    try {
      saved = faults.map(SimFile::read);
    } catch (Refusal refusal) {
      spec.commandLine().getErr().println(refusal.text());
      return 2;
    }
    Ticker ticker = Ticker.system();
    var start = ticker.now();
    var sum = new Sum();
    var next = new AtomicLong();
    int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    try (var pool = Executors.newFixedThreadPool(workers)) {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < workers; i++) {
        running.add(pool.submit(() -> work(next, sum)));
      }
      for (Future<?> each : running) {
        await(each);
      }
    }
    shrink(sum);
    report(sum, ticker.now().since(start));
    if (!sum.violations.isEmpty()) {
      return 1;
    }
    if (sum.acknowledged == 0) {
      spec.commandLine().getErr().println("no command was acknowledged, which proves nothing");
      return 2;
    }
    return 0;
  }

  private SimConfig config(long seed) {
    return saved.map(file -> file.config().withSeed(seed)).orElseGet(() -> options.config(seed));
  }

  /// The first that failed are made as small as they go, and saved.
  private void shrink(Sum sum) {
    for (Violation violation : sum.violations.stream().limit(SHRUNK).toList()) {
      if (!violation.comesAgain()) {
        continue;
      }
      Path file = folder.resolve("sim-" + violation.seed() + SimFile.ENDING);
      String timing = saved.map(SimFile::timing).orElseGet(options::timing);
      try {
        shrunk.put(
            violation, new Shrunk(file, Shrinker.save(config(violation.seed()), timing, file)));
      } catch (IOException e) {
        unsaved.put(violation, file + " (" + e + "); name a folder that can be written by --save");
      }
    }
  }

  private void check() {
    options.check();
    if (seeds < 1 || !List.of("text", "json").contains(output)) {
      throw new ParameterException(
          spec.commandLine(), "--seeds must be at least 1 and -o one of text, json");
    }
  }

  private void work(AtomicLong next, Sum sum) {
    for (long i = next.getAndIncrement(); i < seeds; i = next.getAndIncrement()) {
      Outcome outcome = Sim.run(config(first + i));
      tell(sum.add(outcome), outcome);
    }
  }

  /// On stderr, so that who ends a long run early keeps what it found.
  private void tell(long done, Outcome outcome) {
    PrintWriter err = spec.commandLine().getErr();
    outcome
        .violation()
        .ifPresent(broken -> err.printf("%s%n  replay: %s%n", broken, replay(broken)));
    if (seeds >= LONG && done % (seeds / 10) == 0) {
      err.printf("%,d of %,d seeds%n", done, seeds);
    }
    err.flush();
  }

  private static void await(Future<?> running) throws InterruptedException {
    try {
      running.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a simulation thread ended", e.getCause());
    }
  }

  private void report(Sum sum, Duration real) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(output.equals("json") ? json(sum, real) : text(sum, real));
    out.flush();
  }

  private String text(Sum sum, Duration real) {
    var text = new StringBuilder();
    sum.figures(real).forEach((name, value) -> text.append("%-32s %s%n".formatted(name, value)));
    for (Violation violation : sum.violations) {
      text.append("%n%s%n".formatted(violation));
      violation.lastLines().forEach(line -> text.append("    ").append(line).append('\n'));
      text.append("  replay: ").append(replay(violation)).append('\n');
      Shrunk small = shrunk.get(violation);
      if (small != null) {
        text.append("  shrunk: ").append(small.text()).append('\n');
        small.saved().faults().forEach(f -> text.append("    ").append(f).append('\n'));
      }
      if (unsaved.containsKey(violation)) {
        text.append("  not saved: ").append(unsaved.get(violation)).append('\n');
      }
    }
    return text.toString().stripTrailing();
  }

  private String json(Sum sum, Duration real) {
    var all = new LinkedHashMap<String, Object>(sum.figures(real));
    var broken = new ArrayList<Map<String, Object>>();
    for (Violation violation : sum.violations) {
      var one = new LinkedHashMap<String, Object>();
      one.put("seed", violation.seed());
      one.put("at_seconds", violation.at() / 1e9);
      one.put("invariant", violation.invariant());
      one.put("details", violation.details());
      one.put("replay", replay(violation));
      Shrunk small = shrunk.get(violation);
      if (small != null) {
        one.put("shrunk_file", small.file().toString());
        one.put("shrunk_faults", small.saved().faults().size());
        one.put("shrunk_nodes", small.saved().nodes());
      }
      if (unsaved.containsKey(violation)) {
        one.put("not_saved", unsaved.get(violation));
      }
      broken.add(one);
    }
    all.put("broken", broken);
    try {
      return new ObjectMapper().writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("figures that are no JSON", e);
    }
  }

  private String replay(Violation violation) {
    if (faults.isPresent()) {
      return "bin/ringrift sim run --faults %s --first-seed %d --seeds 1"
          .formatted(faults.get(), violation.seed());
    }
    return "bin/ringrift sim replay --seed %d %s".formatted(violation.seed(), options.text());
  }

  /// Figures over all seeds; the one thing that the threads share.
  private static final class Sum {
    private static final int SHOWN = 10;

    private final List<Violation> violations = new ArrayList<>();
    private long seeds;
    private long broken;
    private long nanos;
    private long events;
    private long messages;
    private long epochs;
    private long acknowledged;
    private long reads;
    private long obeyed;
    private long slowestHeal;
    private long slowestSidesHeal;

    /// @return how many seeds are done
    synchronized long add(Outcome outcome) {
      seeds++;
      nanos += outcome.virtualNanos();
      events += outcome.events();
      messages += outcome.messages();
      epochs += outcome.epochs();
      acknowledged += outcome.tally().acknowledged();
      reads += outcome.tally().reads();
      obeyed += outcome.tally().obeyed();
      slowestHeal = Math.max(slowestHeal, outcome.healNanos());
      slowestSidesHeal = Math.max(slowestSidesHeal, outcome.sidesHealNanos());
      if (outcome.violation().isPresent()) {
        broken++;
        if (violations.size() < SHOWN) {
          violations.add(outcome.violation().get());
        }
      }
      return seeds;
    }

    synchronized Map<String, Object> figures(Duration real) {
      double minutes = Math.max(1, real.toNanos()) / 6e10;
      var figures = new LinkedHashMap<String, Object>();
      figures.put("seeds", seeds);
      figures.put("virtual_hours", rounded(nanos / HOUR));
      figures.put("events", events);
      figures.put("messages", messages);
      figures.put("epochs", epochs);
      figures.put("commands_acknowledged", acknowledged);
      figures.put("barrier_reads", reads);
      figures.put("orders_obeyed", obeyed);
      figures.put("slowest_heal_seconds", rounded(slowestHeal / 1e9));
      figures.put("slowest_views_and_facts_seconds", rounded(slowestSidesHeal / 1e9));
      figures.put("violations", broken);
      figures.put("real_seconds", rounded(real.toNanos() / 1e9));
      figures.put("virtual_hours_per_real_minute", Math.round(nanos / HOUR / minutes));
      return figures;
    }

    private static double rounded(double value) {
      return Math.round(value * 10) / 10.0;
    }
  }
}
