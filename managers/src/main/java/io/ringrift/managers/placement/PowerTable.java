package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;

/// How strong a machine is (SPEC 1.3 with its R corrections): the longest name that fits wins, so
/// that a GH200 is no H200, and the score is multiplied by GPUs and never by memory.
@Pure
final class PowerTable {
  private static final int UNKNOWN_GPU = 10;

  private static final List<Entry<String, Integer>> GPUS =
      Map.ofEntries(
              Map.entry("H200", 2500),
              Map.entry("H100", 2000),
              Map.entry("GH200", 1900),
              Map.entry("A100", 624),
              Map.entry("5090", 419),
              Map.entry("L40S", 362),
              Map.entry("L40", 362),
              Map.entry("4090", 330),
              Map.entry("5080", 300),
              Map.entry("A10G", 250),
              Map.entry("A10", 250),
              Map.entry("4080", 242),
              Map.entry("5070", 200),
              Map.entry("4070", 184),
              Map.entry("3090", 142),
              Map.entry("V100", 125),
              Map.entry("4060", 120),
              Map.entry("3080", 119),
              Map.entry("3070", 81),
              Map.entry("3060", 51),
              Map.entry("M3", 30),
              Map.entry("M2", 25),
              Map.entry("M1", 20),
              Map.entry("MPS", 15))
          .entrySet()
          .stream()
          .sorted(
              Comparator.<Entry<String, Integer>>comparingInt(e -> -e.getKey().length())
                  .thenComparing(Entry::getKey))
          .toList();

  private PowerTable() {}

  /// 0 without a GPU.
  static int gpu(NodeSnapshot node) {
    if (node.machine().gpus() == 0) {
      return 0;
    }
    String name = node.machine().gpuName().toUpperCase(Locale.ROOT);
    int one =
        GPUS.stream()
            .filter(entry -> name.contains(entry.getKey()))
            .map(Entry::getValue)
            .findFirst()
            .orElse(UNKNOWN_GPU);
    return one * node.machine().gpus();
  }

  /// Processors, weighted by what the node's name tells of its provider: Lambda's GPU boxes are
  /// kept for training.
  static double cpu(NodeSnapshot node) {
    String id = node.nodeId().toLowerCase(Locale.ROOT);
    double weight = 1;
    if (id.contains("vast")) {
      weight = 1.5;
    } else if (id.contains("lambda")) {
      weight = 0.5;
    } else if (id.contains("aws") && id.contains("cpu")) {
      weight = 1.2;
    }
    return node.machine().cpus() * weight;
  }
}
