package io.ringrift.chaos;

import io.ringrift.chaos.ground.ChaosFolders;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
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
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    var removed = new ArrayList<String>();
    int code = 0;
    try {
      ChaosFolders.clean(removed::add);
    } catch (IOException | Refusal e) {
      out.println(e.getMessage() + "; say \"chaos clean\" again, as root if mounts are left");
      code = 1;
    }
    removed.forEach(what -> out.println("removed " + what));
    if (removed.isEmpty() && code == 0) {
      out.println("nothing was left behind");
    }
    out.flush();
    return code;
  }
}
