package io.ringrift.managers.job;

import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Starts a run in a session of its own, under run.sh, which notes pid and exit code: the run needs
/// this process for nothing. Blocks on the disk.
final class ProcessLauncher {
  private final Path script;

  /// Writes run.sh into the state folder.
  ProcessLauncher(Path stateDir) {
    script = stateDir.resolve("run.sh");
    try (InputStream source =
        Objects.requireNonNull(ProcessLauncher.class.getResourceAsStream("run.sh"))) {
      Files.createDirectories(stateDir);
      DurableFile.write(script, source.readAllBytes());
    } catch (IOException e) {
      throw DurableFile.failed("write " + script, e);
    }
  }

  /// Where programs are looked for.
  static String searchPath() {
    return new ProcessBuilder().environment().getOrDefault("PATH", "/usr/bin:/bin");
  }

  /// @throws Refusal when the machine starts no further process
  Process launch(ProcessView accepted, CommandLine command, RunFolder folder, boolean gpuNode) {
    var words = new ArrayList<>(List.of("setsid", "/bin/sh", script.toAbsolutePath().toString()));
    words.add(folder.path().toAbsolutePath().toString());
    words.addAll(command.argv());
    var builder =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    environment(builder.environment(), accepted, command, gpuNode);
    try {
      Files.createDirectories(command.outputDir());
      return builder.start();
    } catch (IOException e) {
      throw DurableFile.failed("start " + command.argv().getFirst(), e);
    }
  }

  private static void environment(
      Map<String, String> env, ProcessView accepted, CommandLine command, boolean gpuNode) {
    env.keySet().removeIf(ProcessLauncher::secret);
    ProcessOrder order = accepted.getOrder();
    env.putAll(command.env());
    env.put("RINGRIFT_JOB_ID", order.getJobId());
    env.put("RINGRIFT_ATTEMPT", Integer.toString(order.getAttempt()));
    env.put("RINGRIFT_EPOCH", Long.toUnsignedString(accepted.getEpoch()));
    env.put("RINGRIFT_CLAIM_TOKEN", Long.toUnsignedString(order.getClaimToken()));
    if (gpuNode || accepted.getGpuUuidsCount() > 0) {
      env.put("CUDA_VISIBLE_DEVICES", String.join(",", accepted.getGpuUuidsList()));
    }
  }

  /// The node's own secrets are not the job's.
  private static boolean secret(String name) {
    return name.startsWith("RINGRIFT_")
        && (name.contains("TOKEN")
            || name.contains("SECRET")
            || name.contains("PASSWORD")
            || name.contains("KEY"));
  }
}
