package io.ringrift.chaos;

import io.ringrift.chaos.run.SimFile;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.kernel.Refusal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs one seed, or what a file describes, again and prints its fault schedule and trace.
@Command(
    name = "replay",
    description = "Runs one seed or a saved simulation again; prints its faults and its trace.",
    mixinStandardHelpOptions = true)
final class SimReplay implements Callable<Integer> {
  @Mixin SimOptions options = new SimOptions();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "What \"sim run\" or \"chaos run --ground sim\" saved; instead of a seed.")
  Optional<Path> file = Optional.empty();

  @Option(names = "--seed", description = "The seed.")
  Optional<Long> seed = Optional.empty();

  @Option(
      names = "--trace-lines",
      defaultValue = "0",
      description = "Print only the last so many lines (default: 0, all of them).")
  int traceLines;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    SimConfig config;
    try {
      config = config();
    } catch (Refusal refusal) {
      out.println(refusal.text());
      out.flush();
      return 2;
    }
    for (Fault fault : Sim.schedule(config)) {
      out.println("%14.6f %s".formatted(fault.from() / 1e9, fault));
    }
    out.println();
    var last = new ArrayDeque<String>();
    Outcome outcome =
        Sim.replay(
            config,
            line -> {
              if (traceLines <= 0) {
                out.println(line);
              } else {
                last.addLast(line);
                if (last.size() > traceLines) {
                  last.removeFirst();
                }
              }
            });
    last.forEach(out::println);
    out.println();
    out.println(outcome.violation().map(Object::toString).orElse("all invariants held"));
    out.println(
        "events %d, messages %d, greatest epoch %d, healed in %.3f s, fingerprint %016x"
            .formatted(
                outcome.events(),
                outcome.messages(),
                outcome.epochs(),
                outcome.healNanos() / 1e9,
                outcome.fingerprint()));
    out.flush();
    return outcome.violation().isEmpty() ? 0 : 1;
  }

  private SimConfig config() {
    if (file.isPresent() == seed.isPresent()) {
      throw new ParameterException(spec.commandLine(), "give either --seed or a FILE");
    }
    if (file.isPresent()) {
      return SimFile.read(file.get()).config();
    }
    options.check();
    return options.config(seed.orElseThrow());
  }
}
