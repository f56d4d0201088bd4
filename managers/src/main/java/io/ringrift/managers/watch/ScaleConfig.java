package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import java.time.Duration;

/// When nodes are added or taken away (SPEC 6, AutoScaling).
///
/// @param upAbove pending items per node above which nodes are added
/// @param downBelow pending items per node below which idle nodes are taken away
/// @param least nodes that scaling down leaves
/// @param most nodes up to which scaling adds
/// @param cooldown least gap between two decisions
/// @param mostPerRound most nodes of one decision
@Pure
public record ScaleConfig(
    Duration interval,
    double upAbove,
    double downBelow,
    int least,
    int most,
    Duration cooldown,
    int mostPerRound) {
  public static final ScaleConfig DEFAULT =
      new ScaleConfig(Duration.ofMinutes(5), 10, 2, 2, 20, Duration.ofMinutes(10), 3);

  /// @throws io.ringrift.kernel.Refusal INVALID_ARGUMENT naming the value out of range
  public ScaleConfig {
    Checks.positive("scaling.interval", interval);
    Checks.require(downBelow >= 0, "scaling.down_below", downBelow, "0 or more");
    Checks.require(upAbove > downBelow, "scaling.up_above", upAbove, "above scaling.down_below");
    Checks.atLeast("scaling.min_nodes", least, 0);
    Checks.require(most >= least && most >= 1, "scaling.max_nodes", most, "at least min_nodes");
    Checks.notNegative("scaling.cooldown", cooldown);
    Checks.atLeast("scaling.most_per_round", mostPerRound, 1);
  }
}
