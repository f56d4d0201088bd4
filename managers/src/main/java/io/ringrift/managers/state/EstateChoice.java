package io.ringrift.managers.state;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.Estate;
import java.util.Comparator;
import java.util.Map;

/// What a state begins with, from what the voters brought along. What was acknowledged under the
/// former mode stands on a majority of the voters; any majority of those that brought a state
/// therefore contains one who has it, and the most advanced of them has all of it (the argument of
/// docs/protocol/ledger.md, "Taking over"). A founded state of a later life of the log has all of
/// an earlier one, whose positions say nothing beside it.
@Pure
sealed interface EstateChoice {
  /// Not yet, for this reason.
  record Wait(String obstacle) implements EstateChoice {}

  /// With nothing: a new cluster.
  record Nothing() implements EstateChoice {}

  /// With what this voter brought.
  record Of(NodeId voter) implements EstateChoice {}

  /// @param voters how many are configured
  /// @param estates of those that answered
  static EstateChoice among(int voters, Map<NodeId, Estate> estates) {
    int quorum = voters / 2 + 1;
    long lost = count(estates, Estate.State.STATE_LOST);
    long present = count(estates, Estate.State.STATE_PRESENT);
    if (estates.size() - lost < quorum) {
      return new Wait(
          "a majority of the "
              + voters
              + " voters has to say what it brought along; "
              + estates.size()
              + " answer, of which "
              + lost
              + " lost theirs");
    }
    if (present == 0) {
      return new Nothing();
    }
    if (present < quorum) {
      return new Wait(
          "only "
              + present
              + " of "
              + voters
              + " voters brought a state along and others brought none; start those that have one,"
              + " or move the folder \"estate\" away where it shall not count");
    }
    return new Of(mostAdvanced(estates));
  }

  private static long count(Map<NodeId, Estate> estates, Estate.State state) {
    return estates.values().stream().filter(e -> e.getState() == state).count();
  }

  private static NodeId mostAdvanced(Map<NodeId, Estate> estates) {
    return estates.entrySet().stream()
        .filter(e -> e.getValue().getState() == Estate.State.STATE_PRESENT)
        .max(
            Comparator.<Map.Entry<NodeId, Estate>>comparingInt(
                    e -> e.getValue().getInfo().getLogLife())
                .thenComparingLong(e -> e.getValue().getInfo().getEntryEpoch())
                .thenComparingLong(e -> e.getValue().getInfo().getIndex())
                .thenComparing(Map.Entry::getKey))
        .orElseThrow()
        .getKey();
  }
}
