package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.managers.selfplay.Weights.Scored;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// Draws an entry with a chance in proportion to its effective priority.
@Pure
final class Choice {
  private Choice() {}

  /// @param draw uniform in [0, 1)
  /// @return empty when there is nothing to choose from
  static Optional<Scored> pick(List<Scored> from, DoubleSupplier draw) {
    long total = from.stream().mapToLong(Scored::effective).sum();
    if (total == 0) {
      return Optional.empty();
    }
    double place = draw.getAsDouble() * total;
    for (Scored scored : from) {
      place -= scored.effective();
      if (place < 0) {
        return Optional.of(scored);
      }
    }
    return Optional.of(from.getLast());
  }
}
