package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cannot be planted or run is no catch, with a build and a JDK that do as they are told.
final class MutantsScriptTest {
  @TempDir private Path folder;

  @BeforeEach
  void aBuild() throws IOException {
    Path lib = Files.createDirectories(folder.resolve("dist/lib"));
    Files.createFile(lib.resolve(".complete"));
    Files.createFile(lib.resolve("kernel-0.1.0.jar"));
    Path home = Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(home.resolveSibling("release"), "JAVA_VERSION=\"25\"\n");
  }

  private void tool(String name, String does) throws IOException {
    Path tool = folder.resolve("jdk/bin").resolve(name);
    Files.writeString(tool, "#!/bin/sh\n" + does + "\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
  }

  private record Ended(int code, String told) {}

  private Ended mutants() throws IOException, InterruptedException {
    var script =
        new ProcessBuilder(
            SourceTree.root().resolve("chaos-tests/bin/mutants").toString(),
            "acknowledgement-before-fsync");
    script.environment().put("RINGRIFT_DIST", folder.resolve("dist").toString());
    script.environment().put("RINGRIFT_JAVA_HOME", folder.resolve("jdk").toString());
    Process process = script.redirectErrorStream(true).start();
    String told;
    try (var out = process.getInputStream()) {
      told = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    return new Ended(process.waitFor(), told);
  }

  @Test
  void aMutantThatDoesNotCompileCannotRun() throws IOException, InterruptedException {
    tool("java", "exit 0");
    tool("javac", "exit 1");
    tool("jar", "exit 0");
    Ended ended = mutants();
    assertThat(ended.told()).contains("does not compile any more");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void aMutantThatCannotBePackedCannotRun() throws IOException, InterruptedException {
    tool("java", "exit 0");
    tool("javac", "exit 0");
    tool("jar", "exit 1");
    Ended ended = mutants();
    assertThat(ended.told()).contains("could not be put into a copy");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void aRunThatFailsWithoutAFaultProvesNothing() throws IOException, InterruptedException {
    tool("java", "echo 'seed 1 at 2.0 s: LogMatching: they differ'; exit 1");
    tool("javac", "exit 0");
    tool("jar", "exit 0");
    Ended ended = mutants();
    assertThat(ended.told()).contains("exit code 1 without a planted fault");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void whatIsCaughtNamesItsInvariant() throws IOException, InterruptedException {
    tool(
        "java",
        "case \"$*\" in *%s/dist*) exit 0 ;; esac; echo 'seed 1 at 2.0 s: LogMatching: they differ'; exit 1"
            .formatted(folder));
    tool("javac", "exit 0");
    tool("jar", "exit 0");
    Ended ended = mutants();
    assertThat(ended.told())
        .contains("| Mutant | Caught on | Seed | After | Broken |")
        .containsPattern(
            "\\| Acknowledgement before fsync \\| `sim [^`]*` \\| 1 \\| 2\\.0 s, virtual \\|"
                + " LogMatching \\|");
    assertThat(ended.code()).isZero();
  }

  @Test
  void aCrashIsNoCatch() throws IOException, InterruptedException {
    tool("java", "case \"$*\" in *%s/dist*) exit 0 ;; esac; exit 1".formatted(folder));
    tool("javac", "exit 0");
    tool("jar", "exit 0");
    Ended ended = mutants();
    assertThat(ended.told()).contains("**not caught**");
    assertThat(ended.code()).isEqualTo(1);
  }
}
