package io.ringrift.benchmarks;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Writes, reads, queue and failover beside their peers, one after the other.
@Command(
    name = "all",
    description = "Writes, reads, queue and failover, in about half an hour.",
    mixinStandardHelpOptions = true)
final class AllBenchmark implements Callable<Integer> {
  private static final List<List<String>> RUNS =
      List.of(
          List.of("writes", "--warm-up", "45"),
          List.of("reads", "--warm-up", "20", "--seconds", "2"),
          List.of("queue", "--warm-up", "20"),
          List.of("failover", "--rounds", "5"));

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine parent = spec.commandLine().getParent();
    var out = spec.commandLine().getOut();
    for (List<String> run : RUNS) {
      Lab.say(out, "\n## bench " + String.join(" ", run) + "\n");
      int code = parent.execute(run.toArray(String[]::new));
      if (code != 0) {
        return code;
      }
    }
    return 0;
  }
}
