package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.placement.v1.NodeView;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Whether any node that trains has the memory that is asked for (SPEC 5.6).
@Pure
final class TrainerMemory {
  private TrainerMemory() {}

  /// What is wrong and what to do; empty when a node is big enough, and when none that trains has
  /// told of its memory.
  static String lack(List<NodeView> nodes, TrainingConfig.Trainer trainer) {
    return nodes.stream()
        .filter(node -> node.getState().equals("ALIVE"))
        .filter(node -> node.getFacts().getCapabilitiesList().contains("training"))
        .filter(node -> node.getFacts().getMemoryBytes() > 0)
        .max(Comparator.comparingLong(node -> node.getFacts().getMemoryBytes()))
        .filter(biggest -> biggest.getFacts().getMemoryBytes() < trainer.minMemoryBytes())
        .map(
            biggest ->
                String.format(
                    Locale.ROOT,
                    "no node that is alive may train: training.min_memory_gb is %d and the"
                        + " biggest, %s, has %.1f GiB; lower it or add a bigger node",
                    trainer.minMemoryGib(),
                    biggest.getNodeId(),
                    biggest.getFacts().getMemoryBytes() / (double) (1L << 30)))
        .orElse("");
  }
}
