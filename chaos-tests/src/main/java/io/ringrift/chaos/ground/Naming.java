package io.ringrift.chaos.ground;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Processes that a run has started: their command line names its folder. `ProcessHandle` tells no
/// more than the first 4096 bytes of it, which the class path of a node fills. Any thread.
final class Naming {
  private Naming() {}

  /// Other programs that name the folder, such as a pager on a log, are not ours, and neither is
  /// who called us.
  static Stream<ProcessHandle> ours(Path folder) {
    var callers = new HashSet<ProcessHandle>();
    Optional<ProcessHandle> caller = Optional.of(ProcessHandle.current());
    while (caller.isPresent() && callers.add(caller.get())) {
      caller = caller.get().parent();
    }
    // A longer name is another folder's.
    var whole = Pattern.compile(Pattern.quote(folder.toString()) + "(?![\\w-])");
    return ProcessHandle.allProcesses()
        .filter(p -> whole.matcher(commandLine(p)).find())
        .filter(p -> !callers.contains(p))
        .filter(p -> p.info().command().filter(Naming::program).isPresent());
  }

  /// Nodes, their jobs, and what the suite puts around them.
  private static boolean program(String path) {
    return path.endsWith("/java")
        || path.endsWith("sh")
        || path.endsWith("/setsid")
        || path.endsWith("/strace");
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
