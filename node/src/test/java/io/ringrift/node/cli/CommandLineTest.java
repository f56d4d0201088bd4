package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    return Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "node list",
        "node status",
        "node choose",
        "node drain",
        "node undrain",
        "cluster status",
        "cluster members",
        "cluster leader",
        "cluster step-down",
        "cluster transfer",
        "job spawn",
        "job list",
        "job status",
        "job logs",
        "job cancel",
        "job explain",
        "queue submit",
        "queue list",
        "queue explain",
        "queue requeue",
        "queue dead",
        "selfplay play",
        "sync plan",
        "sync run",
        "sync status",
        "sync files",
        "sync verify",
        "sync copies",
        "loop list",
        "loop run",
        "loop pause",
        "loop resume",
        "loop reset",
        "loop restart",
        "tournament start",
        "tournament show",
        "tournament list",
        "events",
        "config show",
        "config validate",
        "config reload",
        "completion"
      })
  void everyVerbExplainsItself(String words) {
    assertThat(run((words + " --help").split(" "))).isZero();
    assertThat(out.toString()).contains("Usage: ringrift " + words);
  }

  @Test
  void aVerbThatDoesNotExistIsAUsageError() {
    assertThat(run("cluster", "explode")).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("explode");
  }

  @Test
  void aSilentAddressIsToldWithWhatToDo() {
    int free = FreePorts.one();
    int code = run("cluster", "leader", "--address", "127.0.0.1:" + free, "--timeout", "0.5");
    assertThat(code).isEqualTo(ExitCodes.UNAVAILABLE);
    assertThat(err.toString()).contains("UNREACHABLE", "127.0.0.1:" + free, "--address");
  }

  @Test
  void anAddressWithoutAPortNamesTheRule() {
    assertThat(run("cluster", "leader", "--address", "nowhere")).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("nowhere", "host:port");
  }

  @Test
  void aConfigWithFiveFaultsTellsAllFive(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("cluster.yaml");
    Files.writeString(
        file,
        """
        cluster_id: "not a name!"
        timing: sometimes
        voters:
          - {id: n1, host: 127.0.0.1, port: 99999}
        queue: {soft_limit: many}
        sync: {interval: soon}
        """);
    int code = run("config", "validate", "--config", file.toString(), "--node-id", "n1");
    assertThat(code).isEqualTo(ExitCodes.USAGE);
    assertThat(err.toString()).contains("not a name!", "sometimes", "99999", "many", "soon");
  }

  @Test
  void configShowTellsWhereAValueCameFrom() {
    assertThat(run("config", "show", "--origin", "--port", "9123")).isZero();
    assertThat(out.toString()).containsPattern("port +9123 +flag");
  }

  @Test
  void completionKnowsTheNouns() {
    assertThat(run("completion")).isZero();
    assertThat(out.toString()).contains("cluster", "queue", "sync", "demo");
  }
}
