package io.ringrift.chaos.ground;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Processes that a run has started: nodes and jobs, of which an argument is a path in its folder.
/// `ProcessHandle` tells no more than the first 4096 bytes of a command line, which the class path
/// of a node fills. Any thread.
final class Naming {
  private static final String NODE = "io.ringrift.node.cli.Main";
  private static final String JOB = "RINGRIFT_JOB_ID=";

  private Naming() {}

  /// Other programs that name the folder, such as a pager on a log or a shell that started one, are
  /// not ours, and neither is who called us.
  static Stream<ProcessHandle> ours(Path folder) {
    var callers = new HashSet<ProcessHandle>();
    Optional<ProcessHandle> caller = Optional.of(ProcessHandle.current());
    while (caller.isPresent() && callers.add(caller.get())) {
      caller = caller.get().parent();
    }
    return ProcessHandle.allProcesses()
        .filter(p -> !callers.contains(p))
        .filter(p -> isOurs(p, folder.toString()));
  }

  private static boolean isOurs(ProcessHandle process, String folder) {
    List<String> arguments = words(process, "cmdline");
    return arguments.stream().anyMatch(a -> a.equals(folder) || a.startsWith(folder + "/"))
        && (arguments.contains(NODE)
            || words(process, "environ").stream().anyMatch(word -> word.startsWith(JOB)));
  }

  /// Where there is no /proc a command line is told in one piece, and no environment.
  private static List<String> words(ProcessHandle process, String what) {
    Path told = Path.of("/proc", Long.toString(process.pid()), what);
    try {
      if (Files.exists(told)) {
        String text = new String(Files.readAllBytes(told), StandardCharsets.UTF_8);
        return List.of(text.split("\0", -1));
      }
    } catch (IOException endedOrOfAnother) {
      return List.of();
    }
    return List.of(process.info().commandLine().orElse("").split(" ", -1));
  }
}
