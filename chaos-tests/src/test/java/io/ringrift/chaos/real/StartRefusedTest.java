package io.ringrift.chaos.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.node.local.FreePorts;
import io.ringrift.node.local.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nodes that may not start end by themselves with a code other than 0 and say why.
@Timeout(180)
class StartRefusedTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private record Ended(int code, String output) {}

  /// Starts a node of its own cluster on a folder and port.
  private static Ended start(Path state, int port, String... more)
      throws IOException, InterruptedException {
    LocalCluster local = CLUSTER.local();
    Path scratch = CLUSTER.scratch();
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--state-dir", state.toString()));
    arguments.addAll(List.of("--data-root", scratch.resolve("data").toString()));
    arguments.addAll(List.of("--port", Integer.toString(port)));
    arguments.addAll(List.of(more));
    Path log = scratch.resolve("log");
    Process process = local.launch(arguments, log);
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended by itself").isTrue();
      return new Ended(process.exitValue(), Files.readString(log));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void portInUseNamesTheProcessThatHoldsIt() throws IOException, InterruptedException {
    String holder = CLUSTER.leader();
    int port = CLUSTER.local().address(holder).port();

    Ended ended = start(CLUSTER.scratch().resolve("state"), port, "--node-id", "x1");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output())
        .contains(Integer.toString(port), "process " + CLUSTER.local().pid(holder));
  }

  @Test
  void stateFolderInUseNamesTheProcessThatHoldsIt() throws IOException, InterruptedException {
    String holder = CLUSTER.leader();
    Path state = CLUSTER.local().stateFolder(holder);

    Ended ended = start(state, FreePorts.one(), "--node-id", holder, "--cluster-id", "demo");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains("process " + CLUSTER.local().pid(holder));
  }

  @Test
  void stateFolderOfAnotherClusterIsRefusedWithBothNames()
      throws IOException, InterruptedException {
    Path state = identity("elsewhere", "x1");

    Ended ended = start(state, FreePorts.one(), "--node-id", "x1", "--cluster-id", "here");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains("cluster elsewhere", "cluster here");
  }

  @Test
  void stateFolderOfAnotherNodeIsRefusedWithBothNames() throws IOException, InterruptedException {
    Path state = identity("here", "x2");

    Ended ended = start(state, FreePorts.one(), "--node-id", "x1", "--cluster-id", "here");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains("node x2", "node x1");
  }

  private static Path identity(String cluster, String node) throws IOException {
    Path state = Files.createDirectories(CLUSTER.scratch().resolve("state"));
    Files.writeString(
        state.resolve("identity"), "cluster_id=%s\nnode_id=%s\n".formatted(cluster, node));
    return state;
  }
}
