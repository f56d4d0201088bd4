package io.ringrift.chaos;

import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Entry of the simulator: `sim run` and `sim replay`. Exit codes: 0 all held, 1 an invariant was
/// broken, 2 wrong usage, or it could not run.
@Command(
    name = "sim",
    description = "Simulates whole clusters under faults and checks every invariant.",
    mixinStandardHelpOptions = true,
    subcommands = {SimRun.class, SimReplay.class})
public final class SimMain {
  private SimMain() {}

  /// @param arguments with or without a leading `sim`
  public static void main(String[] arguments) {
    boolean named = arguments.length > 0 && arguments[0].equals("sim");
    System.exit(
        commandLine()
            .execute(named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments));
  }

  /// What throws could not run: 1 is said of a broken invariant alone.
  static CommandLine commandLine() {
    return new CommandLine(new SimMain())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExitCodeExceptionMapper(_ -> CommandLine.ExitCode.USAGE);
  }
}
