package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.util.Set;

/// One node at one moment, as far as watching goes. Percents are 0..100.
///
/// @param alive ALIVE and its facts were heard
/// @param gpu has a GPU that runs CUDA work
/// @param gpuPercent mean of its GPUs
/// @param capabilities work types that it takes
@Pure
record NodeLoad(
    String nodeId,
    boolean alive,
    boolean voter,
    boolean draining,
    boolean gpu,
    double gpuPercent,
    double diskPercent,
    double memoryPercent,
    int selfplayJobs,
    int trainingJobs,
    int runningJobs,
    int maxJobs,
    Set<String> capabilities) {
  NodeLoad {
    capabilities = Set.copyOf(capabilities);
  }

  /// May be given trainings.
  boolean trains() {
    return capabilities.contains("training");
  }
}
