package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.ground.Namespaces;
import io.ringrift.chaos.ground.NodeJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real run that is told to end. Ctrl-C goes the same way; who was started in the background may
/// have been told to ignore it, and so SIGTERM is what is sent here.
@Timeout(180)
final class InterruptedRunTest {
  private static final int BY_TERMINATION = 143;

  private static final String PAGE = "short-process-http-bully-1.html";
  private static final String SHORT =
      """
      name: short
      description: A node stands still for a moment.
      grounds: [process, netns]
      not_on: {sim: it is about processes}
      nodes: 1
      workers: 0
      timing: local
      load: {clients: 1, kinds: [queue], backlog: 0, pace: 40ms}
      faults:
        - {kind: pause, at: 100ms, for: 100ms, targets: n1}
      expect: {leader_within: 20s, recovered_within: 40s}
      """;

  /// Made before the clock of a test runs.
  private static final List<String> JVM = NodeJvm.flags();

  @TempDir private Path folder;

  private Process run(Path out, Path temporary, String... what) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(JVM);
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of(ChaosMain.class.getName(), "run"));
    command.addAll(List.of(what));
    command.addAll(List.of("--report", folder.resolve("report").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
  }

  /// `ProcessHandle` cuts a command line where a class path is long.
  private static List<String> processes(Path temporary) {
    return ProcessHandle.allProcesses()
        .map(each -> Path.of("/proc", Long.toString(each.pid()), "cmdline"))
        .map(InterruptedRunTest::read)
        .filter(line -> line.contains(temporary + "/ringrift-chaos-"))
        .toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ended) {
      return "";
    }
  }

  @Test
  void anInterruptedRunLeavesNothingBehindAndSaysSo() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path out = folder.resolve("out");
    Process run = run(out, temporary, "kill-all", "ring", "--duration", "10m");
    try {
      await().atMost(Duration.ofSeconds(90)).until(() -> processes(temporary).size() >= 3);
      assertThat(run.isAlive()).as(Files.readString(out)).isTrue();
      terminate(run);
      assertThat(processes(temporary)).isEmpty();
      assertThat(left(temporary)).isEmpty();
      assertThat(Files.readString(out)).contains("interrupted: ending the nodes");
      assertThat(folder.resolve("report").resolve("junit.xml"))
          .content()
          .containsSubsequence(
              "kill-all-process-http-bully-1",
              "<error message=\"not run: it was interrupted while it ran",
              "ring-process-http-bully-1",
              "<error message=\"not run: the runs were interrupted before it");
    } finally {
      run.destroyForcibly();
    }
  }

  private static void terminate(Process run) throws Exception {
    var sent = new ProcessBuilder("kill", "-TERM", Long.toString(run.pid())).start();
    assertThat(sent.waitFor()).isZero();
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(BY_TERMINATION);
  }

  private static List<String> left(Path temporary) throws IOException {
    try (Stream<Path> left = Files.list(temporary)) {
      return left.map(Path::toString).filter(each -> each.contains("ringrift-chaos-")).toList();
    }
  }

  /// The verdict is told already; the page is a pipe that nobody reads.
  @Test
  void aRunThatIsInterruptedWhileItsReportIsWrittenLeavesNothingBehind() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path out = folder.resolve("out");
    Path page = Files.createDirectory(folder.resolve("report")).resolve(PAGE);
    assertThat(new ProcessBuilder("mkfifo", page.toString()).start().waitFor()).isZero();
    Path scenario = Files.writeString(folder.resolve("short.yaml"), SHORT);
    Process run = run(out, temporary, scenario.toString());
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> Files.readString(out).contains("operations,") || !run.isAlive());
      assertThat(run.isAlive()).as(Files.readString(out)).isTrue();
      assertThat(left(temporary)).hasSize(1);
      terminate(run);
      assertThat(left(temporary)).isEmpty();
    } finally {
      run.destroyForcibly();
    }
  }

  private static List<String> namespaces(Process run) throws IOException {
    Path all = Path.of("/run/netns");
    if (!Files.exists(all)) {
      return List.of();
    }
    try (Stream<Path> names = Files.list(all)) {
      return names
          .map(name -> name.getFileName().toString())
          .filter(name -> name.startsWith("rrchaos-%d-".formatted(run.pid())))
          .toList();
    }
  }

  @Test
  void aRunThatIsInterruptedWhileItsNamespacesAreMadeLeavesNone() throws Exception {
    assumeThat(Namespaces.obstacle()).isEmpty();
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path out = folder.resolve("out");
    Process run = run(out, temporary, "kill-leader", "--ground", "netns");
    try {
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> !namespaces(run).isEmpty() || !run.isAlive());
      assumeThat(run.isAlive()).as(Files.readString(out)).isTrue();
      terminate(run);
      assertThat(namespaces(run)).isEmpty();
    } finally {
      run.destroyForcibly();
    }
  }
}
