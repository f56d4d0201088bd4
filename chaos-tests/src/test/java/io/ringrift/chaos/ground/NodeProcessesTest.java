package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Ends of nodes, in whose place a shell runs.
@Timeout(60)
final class NodeProcessesTest {
  private static final String WAITS = "read never";
  private static final String DEAF = "trap '' TERM; echo deaf; exec sleep 60";

  @TempDir private Path folder;
  private NodeProcesses processes;

  @BeforeEach
  void open() {
    processes = new NodeProcesses(plan(0, 0));
  }

  private ClusterPlan plan(int workers, int stateMegabytes) {
    return new ClusterPlan(
        folder,
        3,
        workers,
        "local",
        ConsensusMode.BULLY,
        MembershipMode.HTTP,
        stateMegabytes,
        ClusterPlan.SMALL_JVM,
        1);
  }

  @AfterEach
  void close() {
    processes.close();
  }

  private void start(String node, String script) throws IOException {
    processes.start(node, List.of("/bin/sh", "-c", script), List.of());
  }

  private void startAndEnd(String node, String script) throws IOException {
    start(node, script);
    await().until(() -> !processes.running(node));
  }

  private List<String> crashed() {
    return processes.crashed().stream().map(crash -> crash.node() + " " + crash.how()).toList();
  }

  /// A worker's disk may have to be full too, and this machine's must not.
  @Test
  void everyNodeHasAFileSystemOfItsOwnWhereDisksFillUp() throws Exception {
    assumeThat(Mounts.obstacle()).isEmpty();
    var plan = plan(1, 1);
    try (var full = new NodeProcesses(plan)) {
      full.prepare();
      for (String node : List.of("n1", "n3", "w1")) {
        assertThat(Mounts.at(plan.stateFolder(node))).as(node).isTrue();
      }
    }
    assertThat(Mounts.at(plan.stateFolder("w1"))).isFalse();
  }

  @Test
  void aKillIsNoCrash() throws Exception {
    start("n1", WAITS);
    assertThat(processes.kill(List.of("n1"))).containsExactly("n1");
    start("n1", WAITS);
    assertThat(crashed()).isEmpty();
  }

  /// As when a fault is to kill it a moment later.
  @Test
  void whoEndedByItselfBeforeItWasKilledIsToldAlsoWhenItIsStartedAgain() throws Exception {
    startAndEnd("n1", "echo no room; exit 3");
    start("n2", WAITS);
    long pid = processes.pid("n1");
    assertThat(processes.kill(List.of("n1", "n2"))).containsExactly("n2");
    assertThat(crashed()).containsExactly("n1 exit code 3: no room");
    start("n1", WAITS);
    assertThat(processes.crashed()).extracting(Crash::pid).containsExactly(pid);
    assertThat(processes.kill(List.of("n1"))).containsExactly("n1");
    assertThat(processes.crashed()).extracting(Crash::pid).containsExactly(pid);
  }

  /// As when the machine is out of memory.
  @Test
  void whoWasKilledByAnotherBeforeItWasKilledIsTold() throws Exception {
    startAndEnd("n1", "kill -KILL $$");
    assertThat(processes.kill(List.of("n1"))).isEmpty();
    assertThat(crashed()).containsExactly("n1 exit code 137: ");
  }

  @Test
  void whoEndedByItselfBeforeItWasStoppedIsTold() throws Exception {
    startAndEnd("n1", "exit 4");
    assertThat(processes.stop("n1", 5)).isTrue();
    assertThat(crashed()).containsExactly("n1 exit code 4: ");
  }

  /// As in a shutdown that hangs.
  @Test
  void whoDoesNotEndWhenToldToIsTold() throws Exception {
    start("n1", DEAF);
    start("n2", WAITS);
    start("n3", DEAF);
    for (String node : List.of("n1", "n3")) {
      Path log = folder.resolve(node).resolve("node.log");
      await().until(() -> Files.readString(log).contains("deaf"));
    }
    assertThat(processes.stop("n1", 1)).isFalse();
    assertThat(processes.end(1))
        .containsExactly(
            "n1 had not ended 1 s after SIGTERM, and was killed",
            "n3 had not ended 1 s after SIGTERM, and was killed");
  }

  /// As a fault leaves it that nobody ended.
  @Test
  void whoWasStoppedEndsInOrder() throws Exception {
    start("n1", WAITS);
    processes.signal("n1", "STOP");
    assertThat(processes.end(5)).isEmpty();
    assertThat(processes.crashed()).isEmpty();
  }

  @Test
  void aLogThatIsNoTextHidesNoEnd() throws Exception {
    startAndEnd("n1", "printf '\\377\\376 end'; exit 5");
    startAndEnd("n2", "exit 6");
    assertThat(crashed()).hasSize(2);
    assertThat(crashed().getFirst()).startsWith("n1 exit code 5: ").endsWith(" end");
    assertThat(crashed().getLast()).startsWith("n2 exit code 6");
  }
}
