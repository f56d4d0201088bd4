package io.ringrift.chaos.ground;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Processes whose command line names a folder. `ProcessHandle` tells no more than the first 4096
/// bytes of it, which the class path of a node fills. Any thread.
final class Naming {
  private Naming() {}

  static Stream<ProcessHandle> processes(Path folder) {
    return ProcessHandle.allProcesses().filter(p -> commandLine(p).contains(folder.toString()));
  }

  private static String commandLine(ProcessHandle process) {
    Path told = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    try {
      if (Files.exists(told)) {
        return new String(Files.readAllBytes(told), StandardCharsets.UTF_8);
      }
    } catch (IOException ended) {
      return "";
    }
    return process.info().commandLine().orElse("");
  }
}
