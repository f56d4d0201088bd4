package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Operation;
import java.util.List;

/// One thing that is wrong, and where to look.
///
/// @param text for people; names operations, nodes and times
/// @param operations their numbers in the history
/// @param fromNanos since the run's start; 0 when no time can be told
/// @param toNanos as above
public record Finding(
    String text, List<Integer> operations, List<String> nodes, long fromNanos, long toNanos) {
  public Finding {
    operations = List.copyOf(operations);
    nodes = List.copyOf(nodes);
  }

  static Finding of(String text) {
    return new Finding(text, List.of(), List.of(), 0, 0);
  }

  static Finding at(String text, long nanos, String... nodes) {
    return new Finding(text, List.of(), List.of(nodes), nanos, nanos);
  }

  /// About operations, in the order of their invocations.
  static Finding of(String text, List<Operation> operations) {
    long from = operations.stream().mapToLong(Operation::invokedNanos).min().orElse(0);
    long to =
        operations.stream()
            .mapToLong(
                o -> o.returnedNanos() == Operation.NEVER ? o.invokedNanos() : o.returnedNanos())
            .max()
            .orElse(0);
    return new Finding(
        text,
        operations.stream().map(Operation::number).toList(),
        operations.stream().map(Operation::node).filter(n -> !n.isEmpty()).distinct().toList(),
        from,
        to);
  }
}
