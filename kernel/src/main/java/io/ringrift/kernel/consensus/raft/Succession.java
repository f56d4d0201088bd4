package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Decides when a voter whose leader fell silent asks the others whether they would elect it. Ratis
/// looks at the silence only when a random pause ends, and sits out another pause when a vote is
/// held back, which costs up to four election timeouts; this asks as soon as no lease is held to.
/// Voters ask one after the other, so that votes are not split, and with growing rests.
@Pure
final class Succession {
  private final NodeId self;
  private final Duration stagger;
  private final Duration firstRest;
  private final Duration longestRest;
  private long term = -1;
  private Moment askAt = Moment.MAX;
  private Duration rest;

  /// @param electionMin least silence before a voter may be asked for its vote
  Succession(NodeId self, Duration electionMin) {
    this.self = self;
    this.stagger = electionMin.dividedBy(4);
    this.firstRest = electionMin.dividedBy(12);
    this.longestRest = electionMin.multipliedBy(2);
    this.rest = firstRest;
  }

  /// @param followed the leader that this voter follows, and until when it is held to; empty when
  ///   there is none, or when this voter may not lead
  /// @param voters of the configuration in force, sorted
  /// @return whether to ask now
  boolean step(Moment now, Optional<Followed> followed, List<NodeId> voters) {
    if (followed.isEmpty() || now.isBefore(followed.get().until())) {
      term = -1;
      rest = firstRest;
      return false;
    }
    var silent = followed.get();
    if (silent.term() != term) {
      term = silent.term();
      askAt = silent.until().plus(stagger.multipliedBy(rank(silent.leader(), voters)));
    }
    if (now.isBefore(askAt)) {
      return false;
    }
    askAt = now.plus(rest);
    Duration next = rest.multipliedBy(2);
    rest = next.compareTo(longestRest) > 0 ? longestRest : next;
    return true;
  }

  private int rank(NodeId silent, List<NodeId> voters) {
    return (int)
        voters.stream().filter(v -> !v.equals(silent)).takeWhile(v -> !v.equals(self)).count();
  }
}
