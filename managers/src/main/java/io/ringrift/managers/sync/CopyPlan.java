package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

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
  }

  /// Different content under one path; nothing of it is moved.
  ///
  /// @param holders hash by node
  record Clash(String path, Map<NodeId, String> holders) {}

  long files() {
    return moves.stream().mapToLong(move -> move.files().size()).sum();
  }

  long bytes() {
    return moves.stream().mapToLong(Move::bytes).sum();
  }
}
