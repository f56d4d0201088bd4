package io.ringrift.managers.selfplay;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What can be set about self-play.
///
/// @param enabled the populator runs at the leader
/// @param configs what is played; nothing else ever is
/// @param curriculum weight by configuration; 1 when absent
/// @param boards 0 critical to 3 low by configuration; 3 when absent
/// @param interval gap between rounds of the populator
public record SelfplayConfig(
    boolean enabled,
    List<ConfigKey> configs,
    Items items,
    Depths depths,
    Map<ConfigKey, Double> curriculum,
    Map<ConfigKey, Integer> boards,
    Nodes nodes,
    Duration interval) {
  /// Stands for the mode of the drawn entry of the priority table.
  public static final String TABLE = "table";

  /// @param workload template that plays
  /// @param searchWorkload template that plays the search modes of SPEC 1.2; empty when the other
  ///   one plays all
  /// @param cpuModes by template, engine modes of those that need a GPU that it plays without one
  /// @param engine engine mode without a model, or `TABLE`
  /// @param modelEngine engine mode with a model, or `TABLE`
  /// @param games games of one item
  public record Items(
      String workload,
      String searchWorkload,
      Map<String, Set<String>> cpuModes,
      String engine,
      String modelEngine,
      int games) {
    public Items {
      cpuModes = Map.copyOf(cpuModes);
    }
  }

  /// @param least waiting items below which the queue is filled
  /// @param target waiting items up to which it is filled
  /// @param games games at which a configuration has enough
  public record Depths(int least, int target, long games) {}

  /// @param minMemoryBytes least memory of a node that plays
  /// @param diskPercent from this share on a disk counts as full, 0..100
  /// @param memoryPercent from this share on memory counts as short, 0..100
  /// @param jobsPerCpu most jobs per processor of a node without GPU
  /// @param cpuOnlyJobs most jobs beside those of the GPUs; 0 for none
  /// @param largeBoardBytes least memory of a node that plays one of the large boards
  public record Nodes(
      long minMemoryBytes,
      double diskPercent,
      double memoryPercent,
      double jobsPerCpu,
      int cpuOnlyJobs,
      long largeBoardBytes) {
    /// Those of SPEC 1.1 with hundreds of cells; the others have at most 64, Hex 121.
    private static final Set<String> LARGE_BOARDS = Set.of("square19", "hexagonal");

    /// Least memory of a node that plays a board (SPEC 5.5, filters).
    long memoryBytes(String board) {
      return LARGE_BOARDS.contains(board) ? largeBoardBytes : 0;
    }
  }

  public SelfplayConfig {
    configs = List.copyOf(configs);
    curriculum = Map.copyOf(curriculum);
    boards = Map.copyOf(boards);
  }

  Targets.Limits limits() {
    return new Targets.Limits(
        nodes.minMemoryBytes(),
        nodes.diskPercent(),
        nodes.memoryPercent(),
        nodes.jobsPerCpu(),
        nodes.cpuOnlyJobs());
  }
}
