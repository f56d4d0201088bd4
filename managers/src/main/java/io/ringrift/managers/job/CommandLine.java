package io.ringrift.managers.job;

import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What one order comes to on this node: words, environment, folder, GPUs.
///
/// @param outputDir folder made before the start
record CommandLine(List<String> argv, Map<String, String> env, Path outputDir, int gpus) {
  /// Values that only the node of the attempt has.
  private static final List<String> OF_NODE =
      List.of("job_id", "attempt", "gpus", "data_dir", "output_dir", "inputs");

  /// @throws Refusal WORKLOAD_NOT_FOUND, EXEC_NOT_ALLOWED, INVALID_ARGUMENT or SPAWN_FAILED
  static CommandLine of(ProcessOrder order, ProcessConfig config) {
    JobSpec spec = order.getSpec();
    if (spec.getWorkload().isEmpty()) {
      return exec(spec, config);
    }
    WorkloadTemplate template =
        config.templates().stream()
            .filter(t -> t.name().equals(spec.getWorkload()))
            .findFirst()
            .orElseThrow(
                () ->
                    new Refusal(
                            Reason.WORKLOAD_NOT_FOUND,
                            "workload "
                                + spec.getWorkload()
                                + " is not declared on this node; it declares "
                                + config.workloads())
                        .with("declared", String.join(",", config.workloads())));
    checkCapability(spec, template, config);
    int gpus = Math.max(template.gpus(), spec.getGpus());
    Map<String, String> values =
        Placeholders.merged(template, builtIn(order, gpus, config), spec.getParamsMap());
    Path root = config.dataDir().toAbsolutePath().normalize();
    Path output = root.resolve(Placeholders.fill(template.outputFolder(), values)).normalize();
    if (!output.startsWith(root)) {
      throw Refusal.invalid("output", output.toString(), "below the data root " + root);
    }
    values.put("output_dir", output.toString());
    var env = new HashMap<String, String>();
    template.env().forEach((name, value) -> env.put(name, Placeholders.fill(value, values)));
    return new CommandLine(
        template.argv().stream().map(word -> Placeholders.fill(word, values)).toList(),
        env,
        output,
        gpus);
  }

  private static CommandLine exec(JobSpec spec, ProcessConfig config) {
    if (spec.getExecArgvCount() == 0) {
      throw Refusal.invalid("workload", "", "a declared workload, one of " + config.workloads());
    }
    if (!config.allowExec()) {
      throw new Refusal(
          Reason.EXEC_NOT_ALLOWED,
          "this node runs declared workloads only; allow exec in its config, or declare a workload"
              + " for "
              + spec.getExecArgv(0));
    }
    return new CommandLine(
        List.copyOf(spec.getExecArgvList()), Map.of(), config.dataDir(), spec.getGpus());
  }

  private static void checkCapability(
      JobSpec spec, WorkloadTemplate template, ProcessConfig config) {
    String type = spec.getJobType().isEmpty() ? template.jobType() : spec.getJobType();
    if (!config.capabilities().contains(type)) {
      throw new Refusal(
          Reason.WORKLOAD_NOT_FOUND,
          "job type "
              + type
              + " is not among this node's capabilities, which are "
              + config.capabilities());
    }
  }

  /// Refuses a job that leaves open what its template asks for: no node could run it.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the placeholder or parameter
  static void requireValues(WorkloadTemplate template, JobSpec spec) {
    var values = ofJob(spec);
    OF_NODE.forEach(name -> values.put(name, ""));
    var all = Placeholders.merged(template, values, spec.getParamsMap());
    var texts = new ArrayList<>(template.argv());
    texts.addAll(template.env().values());
    texts.add(template.outputFolder());
    texts.forEach(text -> Placeholders.fill(text, all));
  }

  private static Map<String, String> builtIn(ProcessOrder order, int gpus, ProcessConfig config) {
    var values = ofJob(order.getSpec());
    values.put("job_id", order.getJobId());
    values.put("attempt", Integer.toString(order.getAttempt()));
    values.put("gpus", Integer.toString(gpus));
    Path inputs = RunFolder.inputs(config.runsDir(), RunKey.of(order));
    values.put("inputs", inputs.toAbsolutePath().normalize().toString());
    values.put("data_dir", config.dataDir().toAbsolutePath().normalize().toString());
    return values;
  }

  private static Map<String, String> ofJob(JobSpec spec) {
    var values = new HashMap<String, String>();
    values.put("seed", Long.toUnsignedString(spec.getSeed()));
    putUnlessEmpty(values, "board", spec.getBoardType());
    putUnlessEmpty(values, "engine_mode", spec.getEngineMode());
    if (spec.getNumPlayers() > 0) {
      values.put("players", Integer.toString(spec.getNumPlayers()));
    }
    if (spec.getNumGames() > 0) {
      values.put("games", Integer.toString(spec.getNumGames()));
    }
    if (!spec.getBoardType().isEmpty() && spec.getNumPlayers() > 0) {
      values.put("config_key", spec.getBoardType() + "_" + spec.getNumPlayers() + "p");
    }
    return values;
  }

  private static void putUnlessEmpty(Map<String, String> values, String name, String value) {
    if (!value.isEmpty()) {
      values.put(name, value);
    }
  }

  /// Refuses a program that is not there before anything is written down.
  void requireProgram(String searchPath) {
    String program = argv.getFirst();
    boolean found =
        program.indexOf('/') >= 0
            ? Files.isExecutable(Path.of(program))
            : List.of(searchPath.split(":", -1)).stream()
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!found) {
      throw new Refusal(
          Reason.SPAWN_FAILED,
          "program "
              + program
              + " is not there or not executable on this node; install it or correct the workload's"
              + " argv");
    }
  }
}
