package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One whole node, which is its own majority.
@Timeout(90)
class NodeProcessTest {
  private final Nodes nodes;

  NodeProcessTest(@TempDir Path folder) {
    nodes = new Nodes(folder, "n1");
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private Reason refusal(Map<String, String> flags) {
    try (var _ = NodeProcess.start(nodes.config("n1", flags))) {
      throw new AssertionError("it started");
    } catch (Refusal refusal) {
      return refusal.reason();
    }
  }

  @Test
  void shutdownByRequestEndsTheWait() throws InterruptedException {
    var node = nodes.start("n1");
    node.awaitReady();
    nodes.call("n1", "POST", "/v1/node:shutdown", "{\"cause\":\"test\"}");
    assertThat(node.awaitStop()).isZero();
  }

  @Test
  void configIsToldWithItsOrigins() throws InterruptedException {
    nodes.start("n1").awaitReady();
    assertThat(nodes.get("n1", "/v1/config").path("settings").toString())
        .contains("{\"name\":\"node_id\",\"value\":\"n1\",\"origin\":\"flag\"}")
        .contains("{\"name\":\"timing\",\"value\":\"local\",\"origin\":\"file\"}");
  }

  @Test
  void portInUseStartsNothing() throws IOException {
    try (var other = new ServerSocket(nodes.port("n1"), 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> nodes.start("n1"))
          .hasMessageContaining(Integer.toString(other.getLocalPort()))
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    assertThat(nodes.stateDir("n1")).doesNotExist();
  }

  @Test
  void stateFolderInUseIsRefused() throws InterruptedException {
    nodes.start("n1").awaitReady();
    String other = Integer.toString(FreePorts.one());
    assertThat(refusal(Map.of("port", other))).isEqualTo(Reason.STATE_IN_USE);
    assertThat(nodes.ready("n1")).isTrue();
  }

  @Test
  void stateFolderOfAnotherClusterIsRefused() throws InterruptedException {
    nodes.start("n1").awaitReady();
    nodes.stop("n1");
    assertThat(refusal(Map.of("cluster_id", "other"))).isEqualTo(Reason.WRONG_CLUSTER);
  }

  @Test
  void jobsAreThereAfterARestart() throws InterruptedException {
    nodes.start("n1").awaitReady();
    String job = nodes.spawn("n1", "");
    nodes.awaitComplete("n1", job);
    long epoch = nodes.get("n1", "/status").path("epoch").asLong();
    nodes.stop("n1");
    nodes.start("n1").awaitReady();
    assertThat(nodes.jobState("n1", job)).isEqualTo("JOB_STATE_COMPLETE");
    assertThat(nodes.get("n1", "/status").path("epoch").asLong()).isGreaterThan(epoch);
  }

  @Test
  void damagedStateStoreIsBuiltAgainFromTheLog() throws Exception {
    nodes.start("n1").awaitReady();
    String job = nodes.spawn("n1", "");
    nodes.awaitComplete("n1", job);
    nodes.stop("n1");
    damage(nodes.stateDir("n1").resolve("cluster"));
    nodes.start("n1").awaitReady();
    await().atMost(Nodes.SOON).until(() -> nodes.jobState("n1", job).equals("JOB_STATE_COMPLETE"));
    assertThat(nodes.stateDir("n1").resolve("quarantine")).isDirectoryContaining("glob:**cluster*");
  }

  /// Overwrites the beginning of the store's table of contents.
  private static void damage(Path store) throws IOException {
    try (var files = Files.newDirectoryStream(store, "MANIFEST-*")) {
      for (Path file : files) {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap(new byte[64]), 0);
        }
      }
    }
  }
}
