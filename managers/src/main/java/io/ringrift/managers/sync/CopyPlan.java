package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What must move.
///
/// @param moves sorted by target, source and path
/// @param clashes sorted by path
/// @param missingCopies copies that are wanted and not there, those without room included
record CopyPlan(List<Move> moves, List<Clash> clashes, long missingCopies) {
  /// For nodes that hold the same: whoever may receive lacks nothing.
  static final CopyPlan NOTHING = new CopyPlan(List.of(), List.of(), 0);

  /// Files from one node to another; sorted by path.
  ///
  /// @param alternates other holders of any of the files
  record Move(NodeId source, NodeId target, List<Content> files, SortedSet<NodeId> alternates) {
    long bytes() {
      return files.stream().mapToLong(Content::size).sum();
    }

    /// The same of some of the files; empty when it is of none.
    Optional<Move> only(Predicate<Content> wanted) {
      var some = files.stream().filter(wanted).toList();
      return some.isEmpty()
          ? Optional.empty()
          : Optional.of(new Move(source, target, some, alternates));
    }
  }

  /// Different content under one path; nothing of it is moved.
  ///
  /// @param holders hash by node
  record Clash(String path, Map<NodeId, String> holders) {}

  /// The paths that are to be brought to a target.
  SortedSet<String> paths(NodeId target) {
    return moves.stream()
        .filter(move -> move.target().equals(target))
        .flatMap(move -> move.files().stream())
        .map(Content::path)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  SortedSet<NodeId> targets() {
    return moves.stream().map(Move::target).collect(Collectors.toCollection(TreeSet::new));
  }

  long files() {
    return moves.stream().mapToLong(move -> move.files().size()).sum();
  }

  long bytes() {
    return moves.stream().mapToLong(Move::bytes).sum();
  }
}
