package io.ringrift.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/// A folder for the data of every system of one comparison, deleted at its end, and the conditions
/// that a reader of figures wants to know.
final class Lab implements AutoCloseable {
  private final Path folder;

  Lab() throws IOException {
    folder = Files.createTempDirectory("ringrift-bench-");
  }

  /// A new folder of one system.
  Path folder(String system) throws IOException {
    return Files.createDirectories(folder.resolve(system));
  }

  static void conditions(PrintWriter out) {
    var runtime = Runtime.getRuntime();
    out.printf(
        "%d processors, Linux %s, Java %s, load %s%n",
        runtime.availableProcessors(),
        System.getProperty("os.version"),
        Runtime.version(),
        Processor.read(Path.of("/proc/loadavg")).strip());
    out.flush();
  }

  /// One line to a reader who waits.
  static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  static void missing(PrintWriter out, String peer) {
    say(out, peer + " is not installed and is left out; benchmarks/install-peers installs it");
  }

  /// With all that is in it.
  static void delete(Path tree) {
    try (var paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + tree, e);
    }
  }

  @Override
  public void close() {
    delete(folder);
  }
}
