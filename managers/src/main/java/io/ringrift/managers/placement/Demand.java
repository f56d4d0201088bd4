package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.EngineModes;
import java.util.Set;

/// What a job needs of a node; empty texts take any.
@Pure
record Demand(
    String jobType,
    String workload,
    String engineMode,
    int gpus,
    int cpus,
    long memoryBytes,
    String target,
    Set<String> excluded) {
  /// Trainings are placed by rules of their own (SPEC 5.6).
  boolean trains() {
    return jobType.equals("training");
  }

  boolean needsGpu() {
    return gpus > 0 || EngineModes.requiresGpu(engineMode);
  }
}
