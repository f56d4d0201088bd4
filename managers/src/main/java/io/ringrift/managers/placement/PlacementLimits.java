package io.ringrift.managers.placement;

/// From where on a node takes no new jobs.
///
/// @param disk used share of the disk, 0..100
/// @param memory used share of the memory, 0..100
/// @param loadScore load score of SPEC 1.3, 0..100
/// @param load1PerCpu one-minute load average per processor
/// @param load5PerCpu five-minute load average per processor
public record PlacementLimits(
    double disk, double memory, double loadScore, double load1PerCpu, double load5PerCpu) {
  /// SPEC 1.3 and 9.
  public static PlacementLimits spec() {
    return new PlacementLimits(70, 75, 80, 2, 3);
  }

  /// For several nodes on one machine that is used for other things too: only a full disk or memory
  /// counts.
  public static PlacementLimits shared() {
    return new PlacementLimits(95, 97, 101, 1000, 1000);
  }
}
