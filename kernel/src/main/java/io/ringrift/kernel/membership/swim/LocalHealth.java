package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;

/// How far this node trusts its own probes (Lifeguard, section IV.A): own stalls and unanswered
/// probes speak against it, answers for it. It begins in doubt. One thread.
@Pure
final class LocalHealth {
  private static final int WORST = 8;
  private static final int STALL = 2;

  /// One dead member among three does not reach it, no answer from anybody does.
  private static final int DOUBT = 3;

  private final Duration stall;

  /// A beginner has proved nothing yet. Where many begin at once on few cores, each late answer
  /// would else be a suspicion that all others pass on.
  private int score = WORST;

  private Moment lastTick = Moment.MAX;

  /// @param stall a gap between two ticks beyond this is an own stall
  LocalHealth(Duration stall) {
    this.stall = stall;
  }

  void tick(Moment now) {
    if (now.isAfter(lastTick) && now.since(lastTick).compareTo(stall) > 0) {
      worsen(STALL);
    }
    lastTick = now;
  }

  void answered() {
    score = Math.max(0, score - 1);
  }

  void missed() {
    worsen(1);
  }

  /// From 0, sound, to 8.
  int score() {
    return score;
  }

  /// Whether this node should suspect itself before others.
  boolean doubts() {
    return score >= DOUBT;
  }

  /// Failed rounds of probes of one member, beyond the first, before it is suspected.
  int extraRounds() {
    return score / 2;
  }

  private void worsen(int by) {
    score = Math.min(WORST, score + by);
  }
}
