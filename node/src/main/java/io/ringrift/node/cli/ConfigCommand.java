package io.ringrift.node.cli;

import io.ringrift.node.config.NodeConfig;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `ringrift config …`: the configuration that a node would start with, without starting it; and
/// that of running nodes, read again.
@Command(
    name = "config",
    description =
        "Shows or checks the configuration that a node would start with, or has nodes read theirs"
            + " again.",
    subcommands = {ConfigCommand.Show.class, ConfigCommand.Validate.class, ReloadCommand.class},
    mixinStandardHelpOptions = true)
final class ConfigCommand {
  @Command(
      name = "show",
      description = "Every setting; secrets are masked.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Option(names = "--origin", description = "Tell where each value came from.")
    boolean origin;

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      NodeConfig config = ConfigFlags.load(spec);
      var printer = new Printer(spec.commandLine().getOut());
      if (origin) {
        printer.table(
            List.of("SETTING", "VALUE", "ORIGIN", "SET BY"),
            config.settings().stream()
                .map(
                    s ->
                        List.of(
                            s.name(),
                            Printer.orDash(s.value()),
                            s.origin().toString(),
                            Printer.orDash(s.source())))
                .toList());
      } else {
        printer.pairs(config.settings().stream().map(s -> List.of(s.name(), s.value())).toList());
      }
      return ExitCodes.OK;
    }
  }

  @Command(
      name = "validate",
      description = "Tells every fault at once; exit 2 if there is one.",
      mixinStandardHelpOptions = true)
  static final class Validate implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      NodeConfig config = ConfigFlags.load(spec);
      config.warnings().forEach(w -> spec.commandLine().getErr().println("warning: " + w));
      new Printer(spec.commandLine().getOut()).line("the configuration is valid");
      return ExitCodes.OK;
    }
  }

  private ConfigCommand() {}
}
