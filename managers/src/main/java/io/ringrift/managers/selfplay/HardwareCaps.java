package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Most self-play jobs by hardware (SPEC 5.5, table of caps). The first row that fits counts, so
/// that a GH200 is no H200 and an A100 no A10.
@Pure
final class HardwareCaps {
  /// @param share jobs per processor
  /// @param most most jobs, whatever the processors
  /// @param perGpu most jobs per GPU
  /// @param unknown jobs while the number of processors is not known
  record Row(String name, Pattern gpu, double share, int most, int perGpu, int unknown) {
    int cap(int cpus, int gpus) {
      if (cpus <= 0) {
        return unknown;
      }
      long byGpus = perGpu == NO_LIMIT ? NO_LIMIT : (long) perGpu * Math.max(1, gpus);
      return (int) Math.max(1, Math.min(Math.min((long) (share * cpus), most), byGpus));
    }
  }

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  private static final Row OTHER_GPU = row("other GPU", "", 0.2, 8, NO_LIMIT, 6);
  private static final List<Row> GPUS =
      List.of(
          row("GH200", "GH200", 0.8, NO_LIMIT, NO_LIMIT, 48),
          row("H100, H200", "H100|H200", 0.5, 48, NO_LIMIT, 32),
          row("A100, L40", "A100(?!0)|L40", 0.4, 32, NO_LIMIT, 24),
          row("5090", "5090", 0.3, 64, 12, 48),
          row("A10, 4090, 3090", "A10(?!0)|4090|3090", 0.3, 24, NO_LIMIT, 16),
          row("4080, 4070, 3080, 4060", "4080|4070|3080|4060", 0.25, 12, NO_LIMIT, 8),
          row("3070, 3060, 20xx", "3070|3060|20[5-8]0", 0.2, 10, NO_LIMIT, 6));

  private HardwareCaps() {}

  private static Row row(String name, String gpu, double share, int most, int perGpu, int unknown) {
    return new Row(name, Pattern.compile(gpu), share, most, perGpu, unknown);
  }

  /// The row of the processors alone.
  ///
  /// @param share jobs per processor; 0.3 in the SPEC
  static Row cpuOnly(double share) {
    return row("CPU only", "", share, 32, NO_LIMIT, 8);
  }

  /// @param jobsPerCpu of a node without GPU
  static Row of(Targets.Node node, double jobsPerCpu) {
    if (!node.gpuNode()) {
      return cpuOnly(jobsPerCpu);
    }
    String name = node.gpuName().toUpperCase(Locale.ROOT);
    return GPUS.stream()
        .filter(row -> row.gpu().matcher(name).find())
        .findFirst()
        .orElse(OTHER_GPU);
  }
}
