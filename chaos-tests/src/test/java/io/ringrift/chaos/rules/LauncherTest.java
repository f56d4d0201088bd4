package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How `bin/ringrift` starts its JVM, with one that says what it was told.
final class LauncherTest {
  @TempDir private Path folder;

  private String told(String command) throws IOException, InterruptedException {
    Path lib = Files.createDirectories(folder.resolve("dist/lib"));
    Files.writeString(lib.resolve(".complete"), "");
    Path bin = Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(bin.resolveSibling("release"), "JAVA_VERSION=\"25\"\n");
    Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\necho \"$*\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    var script =
        new ProcessBuilder(SourceTree.root().resolve("bin/ringrift").toString(), command, "list");
    script.environment().put("RINGRIFT_DIST", folder.resolve("dist").toString());
    script.environment().put("RINGRIFT_JAVA_HOME", folder.resolve("jdk").toString());
    script.environment().put("RINGRIFT_NO_AOT", "1");
    script.environment().remove("RINGRIFT_MAX_HEAP");
    Process process = script.redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void nodesAreSmallAndSearchesAreNot() throws IOException, InterruptedException {
    assertThat(told("status")).contains("-Xmx192m", "cli.Main status list");
    assertThat(told("chaos")).contains("-Xmx2g", "ChaosMain list");
    assertThat(told("sim")).contains("-Xmx2g", "SimMain list");
  }
}
