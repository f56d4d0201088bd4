package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Which nodes have more jobs than are good for them (SPEC 5.9, steps 2 to 4). Where to place new
/// ones is not its business.
@Pure
final class Pressure {
  sealed interface Action {
    String nodeId();

    /// Its disk fills up: somebody should make room.
    record CleanUp(String nodeId, double diskPercent) implements Action {}

    /// Only so many self-play jobs may stay.
    record Shed(String nodeId, int keep, String cause) implements Action {}

    /// Its jobs hold GPUs and do nothing, or there are far too many.
    ///
    /// @param onlyGpus jobs that hold no GPU stay
    record Restart(String nodeId, boolean onlyGpus, String cause) implements Action {}
  }

  private final PressureConfig config;
  private final Map<String, Moment> still = new HashMap<>();
  private final Map<String, Moment> swept = new HashMap<>();
  private final Map<String, Moment> asked = new HashMap<>();

  Pressure(PressureConfig config) {
    this.config = config;
  }

  void reset() {
    still.clear();
    swept.clear();
    asked.clear();
  }

  /// What is to be done now, node by node.
  ///
  /// @param targets self-play jobs that a node should run, by node, as far as they are known
  List<Action> step(Moment now, List<NodeLoad> nodes, Map<String, Integer> targets) {
    Set<String> here = nodes.stream().map(NodeLoad::nodeId).collect(Collectors.toSet());
    List.of(still, swept, asked).forEach(map -> map.keySet().retainAll(here));
    var actions = new ArrayList<Action>();
    if (config.enabled()) {
      nodes.stream()
          .filter(NodeLoad::alive)
          .forEach(node -> look(now, node, target(node, targets), actions));
    }
    return actions;
  }

  private void look(Moment now, NodeLoad node, int target, List<Action> actions) {
    boolean fullDisk = node.diskPercent() >= config.diskWarning();
    if (fullDisk && rested(now, asked, node)) {
      actions.add(new Action.CleanUp(node.nodeId(), node.diskPercent()));
    }
    boolean critical =
        node.memoryPercent() >= config.memoryCritical()
            || node.diskPercent() >= config.diskCritical();
    boolean warning = fullDisk || node.memoryPercent() >= config.memoryWarning();
    int keep = critical ? 0 : target;
    if (warning && node.selfplayJobs() > keep) {
      actions.add(
          new Action.Shed(
              node.nodeId(),
              keep,
              String.format(
                  Locale.ROOT,
                  "disk %.0f %%, memory %.0f %%",
                  node.diskPercent(),
                  node.memoryPercent())));
      return;
    }
    if (stuck(now, node) && rested(now, swept, node)) {
      actions.add(
          new Action.Restart(
              node.nodeId(),
              true,
              String.format(Locale.ROOT, "GPUs at %.1f %%", node.gpuPercent())));
    } else if (runaway(node) && rested(now, swept, node)) {
      actions.add(
          new Action.Restart(node.nodeId(), false, node.selfplayJobs() + " self-play jobs"));
    }
  }

  /// The scheduler's target (SPEC 5.9, step 2), or for want of one half of what the node may run: a
  /// draining node's is 0, and it finishes what it has.
  private static int target(NodeLoad node, Map<String, Integer> targets) {
    int half = node.maxJobs() / 2;
    return node.draining() ? half : targets.getOrDefault(node.nodeId(), half);
  }

  private boolean stuck(Moment now, NodeLoad node) {
    boolean stands =
        node.gpu() && node.selfplayJobs() > 0 && node.gpuPercent() < config.stuckBelow();
    if (!stands) {
      still.remove(node.nodeId());
      return false;
    }
    Moment since = still.computeIfAbsent(node.nodeId(), _ -> now);
    return now.since(since).compareTo(config.stuckAfter()) >= 0;
  }

  private boolean runaway(NodeLoad node) {
    return node.selfplayJobs() >= config.runaway()
        || node.selfplayJobs() >= Math.max(16, 3 * node.maxJobs());
  }

  private boolean rested(Moment now, Map<String, Moment> last, NodeLoad node) {
    Moment before = last.get(node.nodeId());
    if (before != null && now.since(before).compareTo(config.rest()) < 0) {
      return false;
    }
    last.put(node.nodeId(), now);
    return true;
  }
}
