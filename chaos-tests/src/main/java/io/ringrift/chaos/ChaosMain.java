package io.ringrift.chaos;

import io.ringrift.chaos.live.KillLeader;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Entry of the chaos suite. Exit codes: 0 all promises were kept, 1 one was violated, 2 wrong
/// usage, or something could not run.
@Command(
    name = "chaos",
    description = "Does harm to clusters under load and checks every promise.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ChaosRun.class,
      ChaosList.class,
      ChaosReport.class,
      ChaosClean.class,
      KillLeader.class
    })
public final class ChaosMain {
  private ChaosMain() {}

  /// @param arguments with or without a leading `chaos`
  public static void main(String[] arguments) {
    boolean named = arguments.length > 0 && arguments[0].equals("chaos");
    System.exit(
        commandLine()
            .execute(named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments));
  }

  /// What throws could not run: 1 is said of a violation alone.
  static CommandLine commandLine() {
    return new CommandLine(new ChaosMain())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(_ -> CommandLine.ExitCode.USAGE);
  }
}
