package io.ringrift.kernel.consensus.hybrid;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Says to whom the present leader should hand over: the highest-ranked healthy voter, once it has
/// been healthy and caught up for a while, and not too often (SPEC 3.11). It never says who leads.
@Pure
final class Arbiter {
  private final NodeId self;
  private final Map<NodeId, Integer> priorities;
  private final Duration steady;
  private final Duration pause;
  private Optional<NodeId> wanted = Optional.empty();
  private Moment wantedSince = Moment.MAX;
  private Moment quietUntil = Moment.MIN;

  /// @param priorities every configured voter; greater ranks higher, then the greater node id
  /// @param steady how long a voter has to be healthy and caught up before it is nominated
  /// @param pause least gap between two nominations
  Arbiter(NodeId self, Map<NodeId, Integer> priorities, Duration steady, Duration pause) {
    this.self = self;
    this.priorities = Map.copyOf(priorities);
    this.steady = steady;
    this.pause = pause;
  }

  /// @param leads whether this node holds the office
  /// @param changing whether the voters are being changed, which a handover would end
  /// @param prepared voters that are healthy and hold the whole log
  /// @return whom to hand over to
  Optional<NodeId> step(Moment now, boolean leads, boolean changing, Set<NodeId> prepared) {
    Optional<NodeId> best = leads && !changing ? outranking(prepared) : Optional.empty();
    if (!best.equals(wanted)) {
      wanted = best;
      wantedSince = now;
    }
    boolean due =
        best.isPresent()
            && now.since(wantedSince).compareTo(steady) >= 0
            && !now.isBefore(quietUntil);
    if (!due) {
      return Optional.empty();
    }
    quietUntil = now.plus(pause);
    wantedSince = now;
    return best;
  }

  private Optional<NodeId> outranking(Set<NodeId> prepared) {
    Comparator<NodeId> rank =
        Comparator.<NodeId, Integer>comparing(id -> priorities.getOrDefault(id, Integer.MIN_VALUE))
            .thenComparing(Comparator.naturalOrder());
    return prepared.stream()
        .filter(priorities::containsKey)
        .filter(id -> rank.compare(id, self) > 0)
        .max(rank);
  }
}
