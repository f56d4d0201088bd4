package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One node's waits around a candidacy. Ranks wait one behind the other instead of by chance, so
/// that two voters seldom run at once and the same inputs give the same run.
final class Stagger {
  private final List<NodeId> ranking;
  private final Timing timing;
  private final int rank;
  private final Duration jitter;

  Stagger(BullyConfig config) {
    this.ranking = config.ranking();
    this.timing = config.timing();
    this.rank = ranking.indexOf(config.self());
    this.jitter =
        timing
            .electionTimeout()
            .multipliedBy(Math.floorMod(config.self().value().hashCode(), 16))
            .dividedBy(128);
  }

  /// Voters of higher rank.
  List<NodeId> higher() {
    return ranking.subList(0, rank);
  }

  boolean outranks(NodeId other) {
    return rank < ranking.indexOf(other);
  }

  /// Before the first try. The leader that has just been lost is not waited for.
  Duration patience(Optional<NodeId> lost) {
    int ahead = lost.filter(higher()::contains).isPresent() ? rank - 1 : rank;
    return ahead == 0 ? Duration.ZERO : timing.electionTimeout().multipliedBy(ahead).plus(jitter);
  }

  /// After a try that came to nothing.
  Duration retry() {
    return timing.electionTimeout().multipliedBy(rank + 1L).dividedBy(4).plus(jitter);
  }

  /// For a voter of higher rank that means to run (SPEC 3.2, step 6).
  Duration yielding() {
    return timing.electionTimeout().multipliedBy(2).plus(jitter);
  }

  /// Until those who have not answered are asked again.
  Duration resend() {
    return timing.electionTimeout().dividedBy(3);
  }

  /// Silence after which a leader that this voter has granted nothing no longer blocks a poll.
  Duration audible() {
    return timing.heartbeat().multipliedBy(3);
  }
}
