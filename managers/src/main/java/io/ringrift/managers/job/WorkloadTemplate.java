package io.ringrift.managers.job;

import io.ringrift.kernel.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// A declared way to run something. `{name}` in argv, env values and the output folder stands for
/// one of the built-in values (`Placeholders.BUILT_IN`) or a parameter of the job.
///
/// @param jobType job type of the jobs it runs, among the node's capabilities
/// @param argv program and arguments; never passed through a shell
/// @param defaults values for placeholders that a job leaves open
/// @param gpus GPUs to pin unless the job asks for more
/// @param outputFolder folder below the data root for `{output_dir}`
/// @param cpuModes engine modes of SPEC 1.2's GPU-required set that this workload plays on a CPU
public record WorkloadTemplate(
    String name,
    String jobType,
    List<String> argv,
    Map<String, String> env,
    Map<String, String> defaults,
    int gpus,
    String outputFolder,
    Set<String> cpuModes) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  /// @throws Refusal INVALID_ARGUMENT naming the field that breaks a rule
  public WorkloadTemplate {
    argv = List.copyOf(argv);
    env = Map.copyOf(env);
    defaults = Map.copyOf(defaults);
    cpuModes = Set.copyOf(cpuModes);
    if (!NAME.matcher(name).matches()) {
      throw Refusal.invalid("workload", name, "1 to 63 of a-z 0-9 . _ -");
    }
    if (argv.isEmpty() || argv.getFirst().isBlank()) {
      throw Refusal.invalid("workloads." + name + ".argv", "", "a program and its arguments");
    }
    if (gpus < 0 || gpus > 64) {
      throw Refusal.invalid("workloads." + name + ".gpus", Integer.toString(gpus), "0 to 64");
    }
    if (outputFolder.startsWith("/") || List.of(outputFolder.split("/", -1)).contains("..")) {
      throw Refusal.invalid(
          "workloads." + name + ".output", outputFolder, "a folder below the data root");
    }
  }

  /// A template without environment, defaults, GPUs or CPU modes of its own.
  public static WorkloadTemplate of(String name, String jobType, String... argv) {
    return new WorkloadTemplate(
        name, jobType, List.of(argv), Map.of(), Map.of(), 0, jobType, Set.of());
  }

  /// Parameters that a job may give beside the built-in values.
  public Set<String> parameters() {
    var names = new TreeSet<String>(defaults.keySet());
    argv.forEach(word -> names.addAll(Placeholders.in(word)));
    env.values().forEach(word -> names.addAll(Placeholders.in(word)));
    names.addAll(Placeholders.in(outputFolder));
    names.removeAll(Placeholders.BUILT_IN);
    return names;
  }
}
