package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.Set;

/// One node at one moment, as far as placement is concerned (SPEC 1.3).
///
/// @param alive ALIVE, not merely not DEAD
/// @param known whether its facts were heard
@Pure
record NodeSnapshot(
    String nodeId,
    boolean alive,
    boolean retired,
    boolean draining,
    boolean known,
    Machine machine,
    Load load,
    Set<String> capabilities,
    Set<String> workloads) {
  /// What it is; the name is that of its first GPU, empty without one.
  record Machine(int cpus, long memoryBytes, int gpus, String gpuName) {
    static final Machine UNKNOWN = new Machine(0, 0, 0, "");
  }

  /// How busy it is; percents are 0..100.
  record Load(
      double cpuPercent,
      double memoryPercent,
      double diskPercent,
      double load1,
      double load5,
      double gpuPercent,
      int selfplayJobs,
      int trainingJobs,
      int runningJobs,
      int maxJobs) {
    static final Load UNKNOWN = new Load(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private Load training() {
      return new Load(
          cpuPercent,
          memoryPercent,
          diskPercent,
          load1,
          load5,
          gpuPercent,
          selfplayJobs,
          1,
          runningJobs,
          maxJobs);
    }
  }

  /// The same, with a training that its facts may not show yet.
  NodeSnapshot training() {
    return load.trainingJobs() > 0
        ? this
        : new NodeSnapshot(
            nodeId,
            alive,
            retired,
            draining,
            known,
            machine,
            load.training(),
            capabilities,
            workloads);
  }

  /// Nothing but its name is known.
  static NodeSnapshot unheard(String nodeId, boolean alive, boolean retired, boolean draining) {
    return new NodeSnapshot(
        nodeId, alive, retired, draining, false, Machine.UNKNOWN, Load.UNKNOWN, Set.of(), Set.of());
  }

  /// An Apple GPU is none for CUDA work (SPEC 1.3, is_gpu_node).
  boolean gpuNode() {
    String name = machine.gpuName().toUpperCase(java.util.Locale.ROOT);
    return machine.gpus() > 0 && List.of("MPS", "APPLE").stream().noneMatch(name::contains);
  }

  /// SPEC 1.3, load_score, 0..100.
  double loadScore() {
    double jobs = Math.min(100, 12.5 * (load.selfplayJobs() + 2.0 * load.trainingJobs()));
    double base = 0.4 * load.cpuPercent() + 0.3 * load.memoryPercent() + 0.3 * jobs;
    double score =
        machine.gpus() > 0 && load.gpuPercent() > 0 ? 0.7 * base + 0.3 * load.gpuPercent() : base;
    return Math.min(100, score);
  }
}
