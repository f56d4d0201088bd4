package io.ringrift.chaos;

import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenarios;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The scenarios, and what each ground cannot do of them.
@Command(
    name = "list",
    description = "Lists the scenarios, the grounds they run on, and why not on the others.",
    mixinStandardHelpOptions = true)
final class ChaosList implements Callable<Integer> {
  @Option(names = "--why", description = "Descriptions, and the reason for each missing ground.")
  boolean why;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Scenario scenario : Scenarios.all()) {
      out.println(
          String.format(
                  Locale.ROOT,
                  "%-22s %3d s  %d nodes  %-19s %s",
                  scenario.name(),
                  scenario.length().toSeconds(),
                  scenario.nodes() + scenario.workers(),
                  String.join(
                      ",",
                      Stream.of(GroundKind.values())
                          .filter(scenario.grounds()::contains)
                          .map(GroundKind::word)
                          .toList()),
                  String.join(",", scenario.slices().stream().sorted().toList()))
              .stripTrailing());
      if (why) {
        out.println("    " + scenario.description());
        for (GroundKind ground : GroundKind.values()) {
          scenario
              .cannotRunOn(ground)
              .ifPresent(reason -> out.println("    not on " + ground.word() + ": " + reason));
        }
      }
    }
    out.flush();
    return 0;
  }
}
