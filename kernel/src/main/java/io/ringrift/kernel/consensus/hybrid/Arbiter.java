package io.ringrift.kernel.consensus.hybrid;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
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

  /// The epoch in which this node led last.
  private Epoch led = Epoch.ZERO;

  /// Who was nominated last, and when, until this node takes an office again.
  private Optional<NodeId> nominee = Optional.empty();

  private Moment nominatedAt = Moment.MIN;

  /// @param pauses how many it waits for
  /// @param until when it may be nominated again
  private record Shun(int pauses, Moment until) {}

  /// Voters that gave the office back soon.
  private final Map<NodeId, Shun> shunned = new HashMap<>();

  /// @param priorities every configured voter; greater ranks higher, then the greater node id
  /// @param steady how long a voter has to be healthy and caught up before it is nominated
  /// @param pause least gap between two nominations
  Arbiter(NodeId self, Map<NodeId, Integer> priorities, Duration steady, Duration pause) {
    this.self = self;
    this.priorities = Map.copyOf(priorities);
    this.steady = steady;
    this.pause = pause;
  }

  /// @param office the epoch of the office that this node holds; empty when it holds none
  /// @param changing whether the voters are being changed, which a handover would end
  /// @param prepared voters that are healthy and hold the whole log
  /// @return whom to hand over to
  Optional<NodeId> step(
      Moment now, Optional<Epoch> office, boolean changing, Set<NodeId> prepared) {
    if (office.isPresent() && !office.get().equals(led)) {
      led = office.get();
      tookOffice(now);
    }
    Optional<NodeId> best =
        office.isPresent() && !changing ? outranking(now, prepared) : Optional.empty();
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
    nominee = best;
    nominatedAt = now;
    return best;
  }

  /// Whoever was nominated here lost the office, or never got it. A lease of this node's own that
  /// ran out for a moment is no other office and charges nobody.
  private void tookOffice(Moment now) {
    nominee.ifPresent(
        voter -> {
          if (now.since(nominatedAt).compareTo(pause.multipliedBy(MOST)) < 0) {
            var before = shunned.getOrDefault(voter, new Shun(1, Moment.MIN));
            int pauses = Math.min(MOST, 2 * before.pauses());
            shunned.put(voter, new Shun(pauses, now.plus(pause.multipliedBy(pauses))));
          } else {
            shunned.remove(voter);
          }
        });
    nominee = Optional.empty();
  }

  private Optional<NodeId> outranking(Moment now, Set<NodeId> prepared) {
    Comparator<NodeId> rank =
        Comparator.<NodeId, Integer>comparing(id -> priorities.getOrDefault(id, Integer.MIN_VALUE))
            .thenComparing(Comparator.naturalOrder());
    return prepared.stream()
        .filter(priorities::containsKey)
        .filter(id -> !shunned.containsKey(id) || !now.isBefore(shunned.get(id).until()))
        .filter(id -> rank.compare(id, self) > 0)
        .max(rank);
  }
}
