package io.ringrift.managers.status;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What one collection found.
///
/// @param values answers by block
/// @param errors causes by block for those that failed or did not answer in time
record Collected(
    Map<String, Object> values, Map<String, String> errors, int timedOut, Duration length) {
  <T> Optional<T> get(Block<T> block) {
    return Optional.ofNullable(values.get(block.name())).map(block.type()::cast);
  }

  /// Figures of a block for people; empty when it did not answer.
  <T> Optional<Map<String, Object>> figures(Block<T> block) {
    return get(block).map(block.shown());
  }
}
