package io.ringrift.managers.watch;

/// What can be set about the loops of this room; each part keeps its own rules.
public record WatchConfig(
    IdleConfig idle,
    ForecastConfig forecast,
    ScaleConfig scale,
    SplitBrainConfig splitBrain,
    PressureConfig pressure) {
  /// The figures of SPEC 6.
  ///
  /// @param shedding whether the leader takes jobs off nodes under pressure
  public static WatchConfig of(boolean shedding, ScaleConfig scale) {
    return new WatchConfig(
        IdleConfig.DEFAULT,
        ForecastConfig.DEFAULT,
        scale,
        SplitBrainConfig.DEFAULT,
        PressureConfig.DEFAULT.enabled(shedding));
  }
}
