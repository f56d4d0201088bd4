package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A verb that asks a cluster something. Subclasses say what and how to print it.
@Command(mixinStandardHelpOptions = true)
abstract class Verb implements Callable<Integer> {
  @Mixin ConnectionOptions connection = new ConnectionOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public final Integer call() {
    try (ClusterClient client = connection.connect()) {
      return run(client, new Printer(spec.commandLine().getOut()));
    }
  }

  /// Does it.
  ///
  /// @return an exit code of `ExitCodes`
  abstract int run(ClusterClient client, Printer printer);

  /// A request id for a write: the user's own, or a fresh one that makes retries harmless.
  static String requestId(String given) {
    return given.isEmpty() ? "cli-" + UUID.randomUUID() : given;
  }
}
