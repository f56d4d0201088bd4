package io.ringrift.chaos.ground;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Programs of the system that end at once: kill, ip, nft, mount. Any thread.
final class Commands {
  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
  private static final int MOST_SECONDS = 20;

  private Commands() {}

  /// @throws Refusal SPAWN_FAILED with what the program said
  static String run(String... command) {
    return run("", List.of(command));
  }

  /// @param input what it reads
  static String run(String input, List<String> command) {
    return run(input, command, MOST_SECONDS);
  }

  static String run(String input, List<String> command, int seconds) {
    Path said = null;
    try {
      // Into a file: reading from a program waits for its end.
      said = Files.createTempFile("ringrift-said-", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      try (var out = process.getOutputStream()) {
        out.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new Refusal(
            Reason.SPAWN_FAILED,
            "%s had not ended after %d s".formatted(String.join(" ", command), seconds));
      }
      String text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new Refusal(
            Reason.SPAWN_FAILED, String.join(" ", command) + " failed: " + text.strip());
      }
      return text;
    } catch (IOException e) {
      throw new Refusal(Reason.SPAWN_FAILED, command.getFirst() + " cannot be run: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted: " + command.getFirst(), e));
    } finally {
      remove(said);
    }
  }

  private static void remove(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.debug("{} stays: {}", file, e.toString());
    }
  }

  /// Why programs cannot be run here; empty when all can.
  static Optional<String> missing(String... programs) {
    return Arrays.stream(programs)
        .filter(program -> !exists(program))
        .findFirst()
        .map(program -> program + " is not installed");
  }

  private static boolean exists(String program) {
    return List.of("/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/").stream()
        .anyMatch(folder -> new java.io.File(folder + program).canExecute());
  }

  static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }
}
