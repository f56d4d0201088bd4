package io.ringrift.node.cli;

import io.ringrift.kernel.Endpoint;
import io.ringrift.node.client.ClusterClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of every command that talks to a cluster. Flag wins over environment, environment over
/// default.
final class ConnectionOptions {
  @Option(
      names = {"-a", "--address"},
      paramLabel = "HOST:PORT[,…]",
      defaultValue = "${env:RINGRIFT_ADDRESS:-127.0.0.1:8770}",
      description = "Nodes to ask, tried in turn (env RINGRIFT_ADDRESS; default ${DEFAULT-VALUE}).")
  String address = "127.0.0.1:8770";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:RINGRIFT_CLUSTER_AUTH_TOKEN:-}",
      description = "Bearer token (env RINGRIFT_CLUSTER_AUTH_TOKEN).")
  @Nullable String token;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "${env:RINGRIFT_TIMEOUT:-15}",
      description = "Longest wait for an answer (env RINGRIFT_TIMEOUT; default ${DEFAULT-VALUE}).")
  double timeoutSeconds = 15;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "${env:RINGRIFT_OUTPUT:-table}",
      description = "Format of the answer (env RINGRIFT_OUTPUT; default ${DEFAULT-VALUE}).")
  OutputFormat output = OutputFormat.table;

  /// Formats of an answer; the names are what people type.
  enum OutputFormat {
    table,
    json
  }

  /// The nodes that were named.
  List<Endpoint> addresses() {
    return Arrays.stream(address.split(",")).map(String::strip).map(Endpoint::parse).toList();
  }

  ClusterClient connect() {
    return connect(addresses());
  }

  ClusterClient connect(List<Endpoint> addresses) {
    return new ClusterClient(
        addresses,
        Optional.ofNullable(token).filter(t -> !t.isBlank()),
        Duration.ofMillis((long) (timeoutSeconds * 1000)));
  }

  boolean json() {
    return output == OutputFormat.json;
  }
}
