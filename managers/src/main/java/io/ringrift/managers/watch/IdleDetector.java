package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds GPU nodes that do nothing (SPEC 6, IdleDetection). A node's time begins anew when it was
/// busy, gone or not heard. Keeps nothing about nodes that are not in the last list.
@Pure
final class IdleDetector {
  enum Kind {
    /// No jobs and nothing to do.
    IDLE,
    /// Has jobs, yet its GPUs stand still.
    ZOMBIE
  }

  /// @param lasted how long it has been so
  record Finding(String nodeId, Kind kind, Duration lasted) {}

  private static final class Watch {
    private @Nullable Kind kind;
    private Moment since = Moment.MIN;
    private @Nullable Moment told;
  }

  private final IdleConfig config;
  private final Map<String, Watch> watches = new HashMap<>();
  private List<String> idle = List.of();
  private List<String> spare = List.of();

  IdleDetector(IdleConfig config) {
    this.config = config;
  }

  /// Forgets everything; for a new office, whose clock has nothing to do with the last one's.
  void reset() {
    watches.clear();
    idle = List.of();
    spare = List.of();
  }

  /// Nodes that have been idle long enough, the longest first.
  List<String> idle() {
    return idle;
  }

  /// Those idle nodes that could be taken away: with them gone there are still `minNodesToKeep` GPU
  /// nodes. The idle ones count as nodes, so a cluster that is idle as a whole has spare ones too.
  List<String> spare() {
    return spare;
  }

  /// Findings that are due, in the order of the nodes.
  List<Finding> step(Moment now, List<NodeLoad> nodes) {
    Set<String> here = nodes.stream().map(NodeLoad::nodeId).collect(Collectors.toSet());
    watches.keySet().retainAll(here);
    var findings = new ArrayList<Finding>();
    for (NodeLoad node : nodes) {
      look(now, node).ifPresent(findings::add);
    }
    idle =
        nodes.stream()
            .map(NodeLoad::nodeId)
            .filter(id -> idleFor(id, now).compareTo(config.idleAfter()) >= 0)
            .sorted(Comparator.comparing((String id) -> idleFor(id, now)).reversed())
            .toList();
    long alive = nodes.stream().filter(n -> n.alive() && n.gpu()).count();
    spare = idle.stream().limit(Math.max(0, alive - config.minNodesToKeep())).toList();
    return findings;
  }

  private Optional<Finding> look(Moment now, NodeLoad node) {
    Watch watch = watches.computeIfAbsent(node.nodeId(), _ -> new Watch());
    Kind kind = kind(node);
    if (kind != watch.kind) {
      watch.kind = kind;
      watch.since = now;
    }
    if (kind == null) {
      return Optional.empty();
    }
    Duration lasted = now.since(watch.since);
    Duration due = kind == Kind.IDLE ? config.idleAfter() : config.zombieAfter();
    Moment told = watch.told;
    boolean cooling = told != null && now.since(told).compareTo(config.cooldown()) < 0;
    if (lasted.compareTo(due) < 0 || cooling) {
      return Optional.empty();
    }
    watch.told = now;
    return Optional.of(new Finding(node.nodeId(), kind, lasted));
  }

  private @Nullable Kind kind(NodeLoad node) {
    if (!node.alive() || !node.gpu()) {
      return null;
    }
    int jobs = node.selfplayJobs() + node.trainingJobs();
    if (jobs == 0 && node.gpuPercent() < config.idleBelow()) {
      return Kind.IDLE;
    }
    return jobs > 0 && node.gpuPercent() < config.zombieBelow() ? Kind.ZOMBIE : null;
  }

  private Duration idleFor(String nodeId, Moment now) {
    Watch watch = watches.get(nodeId);
    return watch == null || watch.kind != Kind.IDLE ? Duration.ZERO : now.since(watch.since);
  }
}
