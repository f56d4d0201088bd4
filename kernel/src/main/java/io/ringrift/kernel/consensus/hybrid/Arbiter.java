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
/// been healthy and caught up for a while, and not too often (SPEC 3.11). Whoever gives the office
/// back soon, again and again, as with a disk that stalls now and then, is nominated ever later. It
/// never says who leads.
@Pure
final class Arbiter {
  /// Pauses up to which the pause of one that gives the office back grows, and after which it
  /// counts as steady.
  private static final int MOST = 16;

  private final NodeId self;
  private final Map<NodeId, Integer> priorities;
  private final Duration steady;
  private final Duration pause;
  private Optional<NodeId> wanted = Optional.empty();
  private Moment wantedSince = Moment.MAX;
  private Moment quietUntil = Moment.MIN;
  private boolean led;

  /// Who was nominated last, and when.
  private Optional<NodeId> nominee = Optional.empty();

  private Moment nominatedAt = Moment.MIN;

  /// Pauses that the nominee waits for when it gives the office back.
  private int patience = 1;

  /// Until when the nominee is not nominated again.
  private Moment shunnedUntil = Moment.MIN;

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
    if (leads && !led) {
      tookOffice(now);
    }
    led = leads;
    Optional<NodeId> best = leads && !changing ? outranking(prepared) : Optional.empty();
    if (!best.equals(wanted)) {
      wanted = best;
      wantedSince = now;
    }
    boolean due =
        best.isPresent()
            && now.since(wantedSince).compareTo(steady) >= 0
            && !now.isBefore(quietUntil)
            && !(best.equals(nominee) && now.isBefore(shunnedUntil));
    if (!due) {
      return Optional.empty();
    }
    quietUntil = now.plus(pause);
    wantedSince = now;
    patience = best.equals(nominee) ? patience : 1;
    nominee = best;
    nominatedAt = now;
    return best;
  }

  /// Whoever was nominated here lost the office, or never got it.
  private void tookOffice(Moment now) {
    if (nominee.isEmpty()) {
      return;
    }
    boolean soon = now.since(nominatedAt).compareTo(pause.multipliedBy(MOST)) < 0;
    patience = soon ? Math.min(MOST, 2 * patience) : 1;
    shunnedUntil = soon ? now.plus(pause.multipliedBy(patience)) : Moment.MIN;
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
