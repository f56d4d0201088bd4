package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.managers.sync.CopyPlan.Clash;
import io.ringrift.managers.sync.CopyPlan.Move;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Decides what must move, by path and content hash (SPEC 5.3). A function of its input: equal
/// manifests give an equal plan. Reads each entry once and decides each wanted copy once.
@Pure
final class SyncPlanning {
  /// SPEC 5.3, max_files_per_sync_job.
  static final int FILES_PER_MOVE = 50;

  private final Wants wants;
  private final Map<NodeId, Long> sends = new HashMap<>();
  private final Map<NodeId, Long> receives = new HashMap<>();
  private final TreeMap<Route, List<Copy>> routes =
      new TreeMap<>(Comparator.comparing(Route::target).thenComparing(Route::source));
  private final List<Clash> clashes = new ArrayList<>();
  private long missingCopies;

  private SyncPlanning(Wants wants) {
    this.wants = wants;
  }

  /// What shall be where.
  ///
  /// @param targets nodes that may receive
  /// @param room bytes that a target can still take; a target without entry takes all
  /// @param replicationTarget nodes that shall hold each file; 0 means every target
  /// @param office what more nodes than these need
  /// @param preferred get copies before others
  /// @param leaving drain and may be gone soon: sources, but what they hold counts as no copy
  record Wants(
      SortedSet<NodeId> targets,
      Map<NodeId, Long> room,
      int replicationTarget,
      Office office,
      Set<NodeId> preferred,
      Set<NodeId> leaving) {
    Wants(SortedSet<NodeId> targets, Map<NodeId, Long> room, int replicationTarget) {
      this(targets, room, replicationTarget, new Office(Map.of(), Set.of()), Set.of(), Set.of());
    }

    /// The same with fewer targets.
    Wants without(Set<NodeId> nodes) {
      var fewer = new TreeSet<>(targets);
      fewer.removeAll(nodes);
      return new Wants(fewer, room, replicationTarget, office, preferred, leaving);
    }

    /// Holders that stay.
    int copies(Set<NodeId> holders) {
      return leaving.isEmpty()
          ? holders.size()
          : (int) holders.stream().filter(node -> !leaving.contains(node)).count();
    }

    /// Copies that a content lacks.
    ///
    /// @param others targets that do not hold it
    int lacking(Set<NodeId> holders, int others) {
      return replicationTarget == 0
          ? others
          : Math.clamp(replicationTarget - (long) copies(holders), 0, others);
    }
  }

  /// The models in office shall be at all nodes that play, however many copies are asked for.
  ///
  /// @param models hash by path
  record Office(Map<String, String> models, Set<NodeId> players) {
    private Set<NodeId> nodes(Content content) {
      return content.sha256().equals(models.get(content.path())) ? players : Set.of();
    }
  }

  private record Route(NodeId target, NodeId source) {}

  private record Copy(Content content, SortedSet<NodeId> holders) {}

  /// @param holdings what the nodes hold; a node without entry is neither source nor target
  static CopyPlan plan(SortedMap<NodeId, List<Content>> holdings, Wants wants) {
    var planning = new SyncPlanning(wants);
    var targets = new TreeSet<>(wants.targets());
    targets.retainAll(holdings.keySet());
    byPath(holdings).forEach((path, holders) -> planning.place(path, holders, targets));
    return new CopyPlan(planning.moves(), planning.clashes, planning.missingCopies);
  }

  /// Who holds what under each path.
  static SortedMap<String, SortedMap<NodeId, Content>> byPath(
      SortedMap<NodeId, List<Content>> holdings) {
    var held = new TreeMap<String, SortedMap<NodeId, Content>>();
    holdings.forEach(
        (node, files) -> {
          for (Content file : files) {
            held.computeIfAbsent(file.path(), _ -> new TreeMap<>()).put(node, file);
          }
        });
    return held;
  }

  /// Different content under one path; empty when there is one only.
  static Optional<Clash> clash(String path, SortedMap<NodeId, Content> holders) {
    Content content = holders.firstEntry().getValue();
    if (holders.values().stream().allMatch(content::equals)) {
      return Optional.empty();
    }
    var hashes = new TreeMap<NodeId, String>();
    holders.forEach((node, held) -> hashes.put(node, held.sha256()));
    return Optional.of(new Clash(path, hashes));
  }

  private void place(String path, SortedMap<NodeId, Content> holders, SortedSet<NodeId> targets) {
    Content content = holders.firstEntry().getValue();
    var clash = clash(path, holders);
    if (clash.isPresent()) {
      clashes.add(clash.get());
      return;
    }
    var lacking = new ArrayList<>(targets);
    lacking.removeAll(holders.keySet());
    var players = new TreeSet<>(lacking);
    players.retainAll(wants.office().nodes(content));
    int replicas = wants.lacking(holders.keySet(), lacking.size());
    if (wants.replicationTarget() > 0) {
      lacking.sort(
          Comparator.comparing((NodeId node) -> !players.contains(node))
              .thenComparing(node -> !wants.preferred().contains(node))
              .thenComparingLong(node -> load(receives, node)));
    }
    missingCopies += Math.max(replicas, players.size());
    var sources = new TreeSet<>(holders.keySet());
    int placed = 0;
    for (NodeId target : lacking) {
      if ((players.contains(target) || placed < replicas) && fits(target, content)) {
        assign(content, sources, target);
        placed++;
      }
    }
  }

  private boolean fits(NodeId target, Content content) {
    Long room = wants.room().get(target);
    return room == null || load(receives, target) + content.size() <= room;
  }

  /// Takes the source that sends least so far. A file counts one byte more than it has, so that
  /// empty ones are spread too.
  private void assign(Content content, SortedSet<NodeId> holders, NodeId target) {
    NodeId source = holders.first();
    for (NodeId holder : holders) {
      if (load(sends, holder) < load(sends, source)) {
        source = holder;
      }
    }
    sends.merge(source, content.size() + 1, Long::sum);
    receives.merge(target, content.size(), Long::sum);
    routes
        .computeIfAbsent(new Route(target, source), _ -> new ArrayList<>())
        .add(new Copy(content, holders));
  }

  private static long load(Map<NodeId, Long> loads, NodeId node) {
    return loads.getOrDefault(node, 0L);
  }

  private List<Move> moves() {
    var moves = new ArrayList<Move>();
    routes.forEach(
        (route, copies) -> {
          for (int from = 0; from < copies.size(); from += FILES_PER_MOVE) {
            moves.add(
                move(route, copies.subList(from, Math.min(copies.size(), from + FILES_PER_MOVE))));
          }
        });
    return List.copyOf(moves);
  }

  private static Move move(Route route, List<Copy> copies) {
    var alternates = new TreeSet<NodeId>();
    copies.forEach(copy -> alternates.addAll(copy.holders()));
    alternates.remove(route.source());
    return new Move(
        route.source(), route.target(), copies.stream().map(Copy::content).toList(), alternates);
  }
}
