package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Stands between ScaleCube's probes and its table: a failed round makes a suspect at once while
/// this node is sound, and after some more while it doubts itself. One thread.
@Pure
final class ProbeJudge {
  private record Failures(int rounds, Moment last) {}

  private final LocalHealth health;
  private final Duration round;
  private final Map<String, Failures> failing = new HashMap<>();

  /// @param round failures of one member closer than this are of one round: each helper that got no
  ///   answer is one
  ProbeJudge(LocalHealth health, Duration round) {
    this.health = health;
    this.round = round;
  }

  void answered(String member) {
    failing.remove(member);
    health.answered();
  }

  /// Whether the member is suspected now.
  boolean missed(Moment now, String member) {
    Failures before = failing.getOrDefault(member, new Failures(0, Moment.MIN));
    if (now.since(before.last()).compareTo(round) >= 0) {
      health.missed();
      before = new Failures(before.rounds() + 1, now);
      failing.put(member, before);
    }
    return before.rounds() > health.extraRounds();
  }

  /// Forgets all others.
  void retain(Set<String> members) {
    failing.keySet().retainAll(members);
  }
}
