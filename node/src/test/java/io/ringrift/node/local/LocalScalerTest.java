package io.ringrift.node.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes of the scaler's as real processes.
final class LocalScalerTest {
  @TempDir private Path folder;

  private NodeConfig config() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("cluster.yaml"),
            "cluster_id: lab\ntiming: local\nscaling: {mode: local}\nvoters:\n"
                + "  - {id: n1, host: 127.0.0.1, port: "
                + FreePorts.one()
                + "}\n");
    return ConfigLoader.load(
        Optional.of(file),
        new Env(Map.of()),
        Map.of("node_id", "n1", "state_dir", folder.resolve("state").toString(), "log", "warn"));
  }

  @Test
  void aNodeIsStartedAndEndedByNameEvenByALaterLeader() throws IOException {
    var scaler = new LocalScaler(config());
    scaler.add(1, "up-1-1");
    try {
      assertThat(scaler.mayRemove("n1-auto-1")).isTrue();
      assertThat(scaler.mayRemove("n1")).isFalse();
      var later = new LocalScaler(config());
      assertThat(later.mayRemove("n1-auto-1")).isTrue();
      later.remove("n1-auto-1", "down-1-n1-auto-1");
    } finally {
      scaler.remove("n1-auto-1", "end");
    }
    assertThat(scaler.mayRemove("n1-auto-1")).isFalse();
  }

  @Test
  void aNodeGetsTheHeapOfItsLeaderAndNoneOfItsPorts() {
    var own =
        List.of(
            "-Xmx512m",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
            "-Dcom.sun.management.jmxremote.port=9010",
            "-Xlog:gc:gc.log",
            "-XX:StartFlightRecording=filename=x.jfr");
    assertThat(LocalScaler.jvmFlags(own))
        .containsExactly(
            "-Xmx512m", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void aNodeGetsItsOwnPlaceAndTheFlagsOfItsLeader() throws IOException {
    var arguments =
        new LocalScaler(config()).arguments("n1-auto-1", folder.resolve("x"), List.of(1, 2, 3));
    assertThat(String.join(" ", arguments))
        .contains("--config " + folder.resolve("cluster.yaml"))
        .contains("--log warn")
        .contains("--node-id n1-auto-1")
        .contains("--state-dir " + folder.resolve("x").resolve("state"))
        .contains("--port 1 --swim-bind-port 2 --raft-bind-port 3")
        .doesNotContain("--node-id n1 ");
  }
}
