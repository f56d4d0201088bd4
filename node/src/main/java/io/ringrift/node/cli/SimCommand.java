package io.ringrift.node.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `ringrift sim …` as help shows it. The start script hands the words to the simulator's own
/// program before this one starts, because a node does not depend on its proof.
@Command(name = "sim", description = "The deterministic simulation: sim run, sim replay.")
final class SimCommand implements Callable<Integer> {
  @Unmatched String[] words = new String[0];

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().getErr().println("the simulator is started by bin/ringrift sim");
    return ExitCodes.USAGE;
  }
}
