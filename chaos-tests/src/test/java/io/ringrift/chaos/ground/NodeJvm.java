package io.ringrift.chaos.ground;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Flags of the nodes that tests start: small ones, and an AOT cache that all processes of a run
/// share. The JVM takes no folders into a cache, so there is none in `mvn test`, where the other
/// modules are folders; a start without one is slower, not wrong.
public final class NodeJvm {
  private static final Path CACHE = Path.of("target", "nodes.aot").toAbsolutePath();
  private static final int TRAINING_MINUTES = 4;

  /// Made once in each process.
  private static final class Made {
    private static final List<String> FLAGS = make();
  }

  private NodeJvm() {}

  /// To follow the class path, which they replace.
  public static List<String> flags() {
    return Made.FLAGS;
  }

  private static List<String> make() {
    var jars = new ArrayList<String>();
    var folders = new ArrayList<String>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      (entry.endsWith(".jar") ? jars : folders).add(entry);
    }
    if (!folders.stream().map(Path::of).allMatch(each -> each.startsWith(CACHE.getParent()))) {
      return ClusterPlan.SMALL_JVM;
    }
    try {
      if (!cached(jars)) {
        return without(log() + " says why");
      }
    } catch (IOException e) {
      return without(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return without("this thread was interrupted");
    }
    // What follows the jars of the cache may be anything.
    jars.addAll(folders);
    var classPath = List.of("-cp", String.join(File.pathSeparator, jars));
    var cache = List.of("-XX:AOTCache=" + CACHE, "-Xlog:aot*=off");
    return Stream.of(ClusterPlan.SMALL_JVM, cache, classPath).flatMap(List::stream).toList();
  }

  private static List<String> without(String why) {
    System.err.println("no AOT cache could be made, nodes start more slowly: " + why);
    return ClusterPlan.SMALL_JVM;
  }

  /// One process makes it, the others wait for it.
  ///
  /// @return whether there is one of these jars
  private static boolean cached(List<String> jars) throws IOException, InterruptedException {
    var access = List.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try (var file = FileChannel.open(beside(".lock"), access.toArray(StandardOpenOption[]::new));
        var _ = file.lock()) {
      String wanted = String.join("\n", describe(jars));
      Path made = beside(".of");
      if (Files.exists(CACHE) && Files.exists(made) && Files.readString(made).equals(wanted)) {
        return true;
      }
      Files.deleteIfExists(made);
      Files.deleteIfExists(CACHE);
      train(jars);
      if (!Files.exists(CACHE)) {
        return false;
      }
      Files.writeString(made, wanted);
      return true;
    }
  }

  private static List<String> describe(List<String> jars) throws IOException {
    var described = new ArrayList<>(ClusterPlan.SMALL_JVM);
    described.add(System.getProperty("java.home"));
    for (String jar : jars) {
      described.add(jar + " " + Files.getLastModifiedTime(Path.of(jar)));
    }
    return described;
  }

  private static void train(List<String> jars) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ClusterPlan.SMALL_JVM);
    command.add("-XX:AOTCacheOutput=" + CACHE);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, jars)));
    command.addAll(List.of("io.ringrift.node.cli.Main", "warm-up", "--dir"));
    command.add(Files.createTempDirectory(CACHE.getParent(), "warm-up").toString());
    Process training =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log()).start();
    boolean ended = training.waitFor(TRAINING_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      training.destroyForcibly().waitFor();
    }
    if (!ended || training.exitValue() != 0) {
      Files.deleteIfExists(CACHE);
    }
  }

  private static File log() {
    return beside(".log").toFile();
  }

  private static Path beside(String ending) {
    return CACHE.resolveSibling(CACHE.getFileName() + ending);
  }
}
