package io.ringrift.chaos;

import io.ringrift.chaos.ground.ChaosFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Removes what runs that were killed left behind.
@Command(
    name = "clean",
    description = "Ends and removes what runs that were killed left behind; leaves reports alone.",
    mixinStandardHelpOptions = true)
final class ChaosClean implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<String> removed = ChaosFolders.clean();
    removed.forEach(what -> out.println("removed " + what));
    if (removed.isEmpty()) {
      out.println("nothing was left behind");
    }
    out.flush();
    return 0;
  }
}
