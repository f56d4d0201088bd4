package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How many self-play jobs a node should run (SPEC 5.5, targets).
@Pure
final class Targets {
  private static final double BUSY_GPU = 85;
  private static final double BUSY_CPU = 80;
  private static final int ON_A_FULL_DISK = 4;
  private static final int IN_LITTLE_MEMORY = 2;
  private static final int FEWEST_CPUS = 64;
  private static final int MANY_CPUS = 128;
  private static final List<String> CENTRE = List.of("GH200", "H100", "H200", "A100", "L40");
  private static final List<String> SMALL = List.of("3060", "3070", "4060", "4070");
  private static final List<String> LARGE = List.of("5090", "4090", "3090");

  private Targets() {}

  /// A node as it told of itself; percents are 0..100.
  ///
  /// @param emergency nothing may run there: not alive, draining, not heard, or without the
  ///   capability
  /// @param cpus 0 when not known
  record Node(
      String nodeId,
      boolean emergency,
      int cpus,
      long memoryBytes,
      int gpus,
      String gpuName,
      double cpuPercent,
      double memoryPercent,
      double diskPercent,
      double gpuPercent,
      double gpuMemoryPercent,
      int selfplayJobs) {
    /// An Apple GPU is none for this work (SPEC 1.3).
    boolean gpuNode() {
      String name = gpuName.toUpperCase(Locale.ROOT);
      return gpus > 0 && !name.contains("MPS") && !name.contains("APPLE");
    }
  }

  /// @param minMemoryBytes least memory of a node that plays
  /// @param disk from this share on a disk counts as full, 0..100
  /// @param memory from this share on memory counts as short, 0..100
  /// @param jobsPerCpu most jobs per processor of a node without GPU
  /// @param cpuOnlyJobs most jobs beside those of the GPUs; 0 sets no such jobs
  record Limits(
      long minMemoryBytes, double disk, double memory, double jobsPerCpu, int cpuOnlyJobs) {}

  /// @param stop no more self-play is wanted
  /// @param factor 0..1
  record Backpressure(boolean stop, double factor) {
    static final Backpressure NONE = new Backpressure(false, 1);

    /// Half from the soft limit of the queue on, none from the hard one.
    ///
    /// @param pending waiting work other than self-play
    static Backpressure of(int pending, int soft, int hard) {
      if (hard > 0 && pending >= hard) {
        return new Backpressure(true, 0);
      }
      return soft > 0 && pending >= soft ? new Backpressure(false, 0.5) : NONE;
    }
  }

  /// @param gpuJobs jobs on the GPUs, or on the processors of a node without
  /// @param cpuOnlyJobs jobs beside them
  /// @param causes why it is less than the cap
  record Target(int gpuJobs, int cpuOnlyJobs, int cap, String hardware, List<String> causes) {
    int total() {
      return gpuJobs + cpuOnlyJobs;
    }
  }

  static Target of(Node node, Limits limits, Backpressure pressure) {
    var row = HardwareCaps.of(node, limits.jobsPerCpu());
    int cap = row.cap(node.cpus(), node.gpus());
    var causes = new ArrayList<String>();
    if (node.emergency()) {
      causes.add("not alive, draining, not heard, or plays nothing");
    } else if (pressure.stop()) {
      causes.add("backpressure: the queue is full");
    } else if (node.memoryBytes() < limits.minMemoryBytes()) {
      causes.add(
          gib(node.memoryBytes())
              + " GiB of memory, at least "
              + gib(limits.minMemoryBytes())
              + " by selfplay.min_memory_gb");
    }
    if (!causes.isEmpty()) {
      return new Target(0, 0, cap, row.name(), causes);
    }
    int jobs = jobs(node, limits, pressure, cap, causes);
    return new Target(jobs, cpuOnly(node, limits, jobs), cap, row.name(), List.copyOf(causes));
  }

  private static int jobs(
      Node node, Limits limits, Backpressure pressure, int cap, List<String> causes) {
    int jobs = cap;
    boolean busyGpu = node.gpuPercent() > BUSY_GPU || node.gpuMemoryPercent() > BUSY_GPU;
    boolean busyCpu = node.cpuPercent() > BUSY_CPU;
    if (busyGpu) {
      jobs = lower(jobs, Math.max(2, jobs - 2), "GPU busier than 85 %", causes);
    }
    if (busyCpu) {
      jobs = lower(jobs, Math.max(2, jobs - 1), "processors busier than 80 %", causes);
    }
    if (!busyGpu && !busyCpu) {
      jobs = lower(jobs, node.selfplayJobs() + 2, "two more than now at a time", causes);
    }
    if (node.diskPercent() >= limits.disk()) {
      jobs = lower(jobs, ON_A_FULL_DISK, "disk " + percent(node.diskPercent()), causes);
    }
    if (node.memoryPercent() >= limits.memory()) {
      jobs = lower(jobs, IN_LITTLE_MEMORY, "memory " + percent(node.memoryPercent()), causes);
    }
    if (pressure.factor() < 1) {
      jobs = lower(jobs, (int) (jobs * pressure.factor()), "backpressure", causes);
    }
    return Math.max(1, jobs);
  }

  private static int lower(int jobs, int to, String cause, List<String> causes) {
    if (to < jobs) {
      causes.add(cause + ": " + Math.max(1, to));
    }
    return Math.min(jobs, to);
  }

  private static int cpuOnly(Node node, Limits limits, int gpuJobs) {
    if (!spawnsCpuOnly(node, limits.cpuOnlyJobs() > 0)) {
      return 0;
    }
    int room = HardwareCaps.cpuOnly(limits.jobsPerCpu()).cap(node.cpus(), 0) - gpuJobs;
    return Math.max(0, Math.min(limits.cpuOnlyJobs(), room));
  }

  /// Whether jobs for the processors alone run beside the others (SPEC 5.5).
  static boolean spawnsCpuOnly(Node node, boolean wanted) {
    if (!wanted || node.cpus() < FEWEST_CPUS) {
      return false;
    }
    if (!node.gpuNode()) {
      return true;
    }
    String name = node.gpuName().toUpperCase(Locale.ROOT);
    if (CENTRE.stream().anyMatch(name::contains)) {
      return false;
    }
    if (SMALL.stream().anyMatch(name::contains)) {
      return true;
    }
    return LARGE.stream().noneMatch(name::contains) || node.cpus() >= MANY_CPUS;
  }

  private static String percent(double share) {
    return Math.round(share) + " %";
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 30));
  }
}
