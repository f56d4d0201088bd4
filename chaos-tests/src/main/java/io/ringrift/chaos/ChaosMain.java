package io.ringrift.chaos;

import io.ringrift.chaos.live.KillLeader;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Entry of faults done to real processes: `chaos kill-leader`. Exit codes: 0 all held, 1 something
/// that a client was told did not hold, 2 wrong usage.
@Command(
    name = "chaos",
    description = "Does harm to real node processes under load and checks every promise.",
    mixinStandardHelpOptions = true,
    subcommands = KillLeader.class)
public final class ChaosMain {
  private ChaosMain() {}

  /// @param arguments with or without a leading `chaos`
  public static void main(String[] arguments) {
    boolean named = arguments.length > 0 && arguments[0].equals("chaos");
    System.exit(
        new CommandLine(new ChaosMain())
            .execute(named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments));
  }
}
