package io.ringrift.node.cli;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;

/// The `ringrift` program.
@Command(
    name = "ringrift",
    description = "Coordination for fleets that learn by self-play.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      ClusterCommand.class,
      JobCommand.class,
      QueueCommand.class,
      RatingCommand.class,
      TournamentCommand.class,
      TrainingCommand.class,
      ModelCommand.class,
      SelfplayCommand.class,
      SyncCommand.class,
      LoopCommand.class,
      SnapshotCommand.class,
      EventsCommand.class,
      ConfigCommand.class,
      SimCommand.class,
      CompletionCommand.class,
      WarmUpCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 refused or not reached, 2 bad usage or input, 3 nobody answers or"
          + " leads,",
      "4 not found."
    },
    mixinStandardHelpOptions = true,
    version = "ringrift " + Main.VERSION)
public final class Main {
  static final String VERSION = "0.1.0";

  private Main() {}

  /// Runs one command and exits with its code.
  public static void main(String[] args) {
    System.exit(run(args, writer(System.out), writer(System.err)));
  }

  /// Runs one command.
  ///
  /// @return the exit code
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    return commandLine().setOut(out).setErr(err).execute(args);
  }

  static CommandLine commandLine() {
    var root =
        new CommandLine(new Main())
            .setExecutionExceptionHandler(handler())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true);
    var config = sub(root, "config");
    List.of(sub(root, "node"), sub(config, "show"), sub(config, "validate"))
        .forEach(ConfigFlags::addTo);
    return root;
  }

  private static CommandLine sub(CommandLine command, String name) {
    return Objects.requireNonNull(command.getSubcommands().get(name), name);
  }

  /// Tells what happened, why and what to do; a refusal never shows a stack trace.
  private static IExecutionExceptionHandler handler() {
    return (exception, command, _) -> {
      Refusal refusal =
          switch (exception) {
            case Refusal r -> r;
            case StatusRuntimeException s -> Errors.fromStatus(s);
            default -> throw exception;
          };
      command.getErr().println(refusal.reason() + ": " + refusal.text());
      command.getErr().flush();
      Integer fixed = command.getCommandSpec().exitCodeOnExecutionException();
      boolean own = fixed != null && fixed != CommandLine.ExitCode.SOFTWARE;
      return own ? fixed : ExitCodes.of(refusal);
    };
  }

  private static PrintWriter writer(java.io.OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
