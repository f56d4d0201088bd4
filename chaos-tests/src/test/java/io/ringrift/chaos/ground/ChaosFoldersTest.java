package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is removed behind runs, and what is somebody's own.
@Timeout(60)
final class ChaosFoldersTest {
  @TempDir private Path temporary;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  private Process start(String... command) throws IOException {
    return start(new ProcessBuilder(command));
  }

  private Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /// As a job's shell that was started in a folder of a run.
  private Process shellOf(Path folder) throws IOException {
    var builder =
        new ProcessBuilder("/bin/sh", "-c", "read never", folder.resolve("effects").toString());
    builder.environment().put("RINGRIFT_JOB_ID", "j1");
    return start(builder);
  }

  private Path folder(String name) throws IOException {
    Path made = Files.createDirectory(temporary.resolve(name));
    Files.writeString(made.resolve("node.log"), "a line");
    return made;
  }

  private List<String> clean() throws IOException {
    var told = new ArrayList<String>();
    ChaosFolders.clean(temporary, told::add);
    return told;
  }

  /// Of a process that has ended.
  private long gone() throws Exception {
    Process process = start("/bin/true");
    process.waitFor();
    return process.pid();
  }

  @Test
  void foldersOfOthersAndTheirProcessesStay() throws Exception {
    var names =
        List.of(
            "ringrift-chaos-reports",
            "ringrift-chaos-1234567890123",
            "ringrift-chaos-",
            "ringrift-chaos-%d".formatted(gone()),
            "ringrift-chaos-%d-logs".formatted(gone()),
            "ringrift-chaos-%d-1".formatted(ProcessHandle.current().pid()),
            "ringrift-kept-1");
    for (String name : names) {
      shellOf(folder(name));
    }
    assertThat(clean()).isEmpty();
    assertThat(started.stream().filter(Process::isAlive)).hasSize(names.size());
    assertThat(names).allMatch(name -> Files.exists(temporary.resolve(name).resolve("node.log")));
  }

  @Test
  void whatARunnerThatIsGoneLeftBehindIsEndedAndRemoved() throws Exception {
    Path left = folder("ringrift-chaos-%d-77".formatted(gone()));
    Path longer = folder(left.getFileName() + "8x");
    Process job = shellOf(left);
    Process other = shellOf(longer);
    assertThat(clean()).contains("process " + job.pid() + " of " + left, "folder " + left);
    assertThat(job.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(left).doesNotExist();
    assertThat(longer).exists();
    assertThat(other.isAlive()).isTrue();
  }

  @Test
  void aPagerOnALogSurvivesTheRemoval() throws Exception {
    Path run = folder("ringrift-chaos-%d-78".formatted(ProcessHandle.current().pid()));
    Process pager = start("tail", "-f", run.resolve("node.log").toString());
    Process job = shellOf(run);
    var _ = ChaosFolders.remove(run);
    assertThat(run).doesNotExist();
    assertThat(job.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(pager.isAlive()).isTrue();
  }

  /// As somebody who looks at the folder.
  @Test
  void shellsOfAPersonSurviveTheRemoval() throws Exception {
    Path run = folder("ringrift-chaos-%d-80".formatted(ProcessHandle.current().pid()));
    Process script = start("/bin/sh", "-c", "read never", run.resolve("node.log").toString());
    var told = new ProcessBuilder("/bin/sh", "-c", "read never # tail -f " + run + "/node.log");
    told.environment().put("RINGRIFT_JOB_ID", "j1");
    Process line = start(told);
    var _ = ChaosFolders.remove(run);
    assertThat(run).doesNotExist();
    assertThat(script.isAlive()).isTrue();
    assertThat(line.isAlive()).isTrue();
  }

  /// Its runner may run there, under a number that is free here.
  @Test
  void aFolderOfAnotherContainerStays() throws Exception {
    Path other = folder("ringrift-chaos-%d-81".formatted(gone()));
    Files.writeString(other.resolve("owner"), "pid:[1]");
    Path here = folder("ringrift-chaos-%d-82".formatted(gone()));
    Files.writeString(
        here.resolve("owner"), Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
    assertThat(clean()).containsExactly("folder " + here);
    assertThat(other).exists();
  }

  @Test
  void aFolderOfAnotherUserStays() throws Exception {
    assumeThat(Commands.root()).as("who may give folders away").isTrue();
    Path other = folder("ringrift-chaos-%d-83".formatted(gone()));
    Files.setAttribute(other, "unix:uid", 65_534);
    assertThat(clean()).isEmpty();
    assertThat(other).exists();
  }

  @Test
  void aNamespaceThatCannotBeRemovedKeepsNoOther() {
    var told = new ArrayList<String>();
    List<String> left =
        Namespaces.remove(
            List.of("one", "busy", "two"),
            name -> {
              if (name.equals("busy")) {
                throw new Refusal(Reason.SPAWN_FAILED, "it is in use");
              }
            },
            told::add);
    assertThat(told).containsExactly("namespace one", "namespace two");
    assertThat(left).containsExactly("namespace busy: it is in use");
  }

  @Test
  void whatIsKeptIsLeftAlone() throws Exception {
    Path kept = ChaosFolders.keep(folder("ringrift-chaos-%d-79".formatted(gone())));
    assertThat(clean()).isEmpty();
    assertThat(kept.resolve("node.log")).hasContent("a line");
  }

  @Test
  void whoWorksInNamespacesHearsOfTheEndOfTheirMaker() throws Exception {
    Process maker = start("/bin/sh", "-c", "read never");
    var heard = new CompletableFuture<String>();
    Namespaces.whenAbandoned("rrchaos-" + maker.pid(), () -> heard.complete("ended"));
    assertThat(heard).isNotDone();
    maker.destroyForcibly();
    assertThat(heard).succeedsWithin(10, TimeUnit.SECONDS);
    var late = new CompletableFuture<String>();
    Namespaces.whenAbandoned("rrchaos-" + maker.pid(), () -> late.complete("ended"));
    assertThat(late).succeedsWithin(10, TimeUnit.SECONDS);
  }

  @Test
  void namespacesOfOthersStay() throws Exception {
    assertThat(Namespaces.abandoned("rrchaos-%d-n1".formatted(gone()))).isTrue();
    assertThat(Namespaces.abandoned("rrchaos-%d-hub".formatted(gone()))).isTrue();
    assertThat(
            List.of(
                "rrchaos-x",
                "rrchaos-x-n1",
                "rrchaos-" + gone(),
                "rrchaos-%d-n1-mine".formatted(gone()),
                "rrchaos-%d-n1".formatted(ProcessHandle.current().pid())))
        .noneMatch(Namespaces::abandoned);
  }
}
