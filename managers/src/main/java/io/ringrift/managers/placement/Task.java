package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.Arrays;
import java.util.Locale;

/// What a node is chosen for (SPEC 5.2).
@Pure
enum Task {
  /// A training: the strongest GPU that is healthy and does not train.
  TRAINING(1),
  /// GPU nodes that are alive.
  TRAINING_PRIMARIES(5),
  /// All GPU nodes, dead ones too.
  GPUS(Integer.MAX_VALUE),
  /// Healthy nodes by their processors.
  CPUS(3),
  /// A gauntlet: much room rather than speed.
  GAUNTLET(1),
  /// An export: processors, then the emptier disk.
  EXPORT(1),
  /// Self-play of an engine mode.
  SELFPLAY(1);

  private final int usual;

  Task(int usual) {
    this.usual = usual;
  }

  /// How many nodes are chosen unless the question says.
  int usual() {
    return usual;
  }

  /// @throws Refusal INVALID_ARGUMENT with the names there are
  static Task named(String name) {
    return Arrays.stream(values())
        .filter(task -> task.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Refusal.invalid(
                    "task", name, "one of " + Arrays.stream(values()).map(Task::text).toList()));
  }

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
