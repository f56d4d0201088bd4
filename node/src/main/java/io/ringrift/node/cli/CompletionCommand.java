package io.ringrift.node.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `ringrift completion`: source <(ringrift completion)
@Command(
    name = "completion",
    description = "Prints completion for bash and zsh: source <(ringrift completion)",
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var root = spec.root().commandLine();
    new Printer(spec.commandLine().getOut()).text(AutoComplete.bash("ringrift", root));
    return ExitCodes.OK;
  }
}
