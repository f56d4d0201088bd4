package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.managers.sync.CopyPlan.Clash;
import io.ringrift.managers.sync.SyncPlanning.Wants;
import io.ringrift.sync.v1.TooFewCopies;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/// Whether contents have the copies that they shall have, by the rule of plans; at least one in any
/// case. Room on the disks is no excuse.
@Pure
final class Copies {
  private Copies() {}

  /// @param paths that the nodes hold together
  /// @param tooFew sorted by path
  /// @param clashes sorted by path; their contents are not judged
  record Found(long paths, List<TooFewCopies> tooFew, List<Clash> clashes) {}

  static Found of(SortedMap<NodeId, List<Content>> holdings, Wants wants) {
    var tooFew = new ArrayList<TooFewCopies>();
    var clashes = new ArrayList<Clash>();
    var held = SyncPlanning.byPath(holdings);
    held.forEach(
        (path, holders) -> {
          var clash = SyncPlanning.clash(path, holders);
          clash.ifPresent(clashes::add);
          if (clash.isEmpty()) {
            tooFew(path, holders.keySet(), wants).ifPresent(tooFew::add);
          }
        });
    return new Found(held.size(), tooFew, clashes);
  }

  /// What of a node's contents has too few copies at others, sorted by path. Another content under
  /// the same path is no copy; a node of unknown files holds nothing and might receive.
  static List<TooFewCopies> without(
      NodeId node, SortedMap<NodeId, List<Content>> holdings, Wants wants) {
    var copies = new HashMap<Content, Set<NodeId>>();
    holdings.getOrDefault(node, List.of()).forEach(file -> copies.put(file, new TreeSet<>()));
    holdings.forEach(
        (holder, files) -> {
          for (Content file : holder.equals(node) ? List.<Content>of() : files) {
            copies.computeIfPresent(
                file,
                (_, holders) -> {
                  holders.add(holder);
                  return holders;
                });
          }
        });
    var stay = wants.without(Set.of(node));
    return copies.entrySet().stream()
        .flatMap(one -> tooFew(one.getKey().path(), one.getValue(), stay).stream())
        .sorted(Comparator.comparing(TooFewCopies::getPath))
        .toList();
  }

  private static Optional<TooFewCopies> tooFew(String path, Set<NodeId> holders, Wants wants) {
    var others = new TreeSet<>(wants.targets());
    others.removeAll(holders);
    int copies = wants.copies(holders);
    int lacking = Math.max(wants.lacking(holders, others.size()), copies == 0 ? 1 : 0);
    return lacking == 0
        ? Optional.empty()
        : Optional.of(
            TooFewCopies.newBuilder()
                .setPath(path)
                .setCopies(copies)
                .setWanted(copies + lacking)
                .build());
  }
}
