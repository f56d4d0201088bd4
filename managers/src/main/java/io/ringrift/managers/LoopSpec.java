package io.ringrift.managers;

import io.ringrift.kernel.Epoch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One periodic loop: what to do in a round, how often, and where. Loops are level-triggered: each
/// round reads what is and does the difference; `wake` only hastens the next round.
///
/// @param name snake_case, SPEC 6
/// @param interval gap between the end of a round and the start of the next
/// @param initialDelay wait before the first round
/// @param leaderOnly runs while this node's leader duties are open, with their epoch
/// @param dependsOn loops that start before this one
/// @param round one round; throws on failure
/// @param counters own counters for status, read from any thread
/// @param firstPause after a failed round; zero for what is usual
/// @param longestPause after failed rounds in a row, which grows up to this
public record LoopSpec(
    String name,
    Duration interval,
    Duration initialDelay,
    boolean leaderOnly,
    List<String> dependsOn,
    Round round,
    Counters counters,
    Duration firstPause,
    Duration longestPause) {
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /// A loop whose pause after failures is what is usual (SPEC 5.7).
  public LoopSpec(
      String name,
      Duration interval,
      Duration initialDelay,
      boolean leaderOnly,
      List<String> dependsOn,
      Round round,
      Counters counters) {
    this(
        name,
        interval,
        initialDelay,
        leaderOnly,
        dependsOn,
        round,
        counters,
        Duration.ZERO,
        LONGEST_PAUSE);
  }

  /// The same with other times.
  public LoopSpec every(Duration newInterval, Duration newDelay) {
    return new LoopSpec(
        name,
        newInterval,
        newDelay,
        leaderOnly,
        dependsOn,
        round,
        counters,
        firstPause,
        longestPause);
  }

  /// The same with a shorter longest pause.
  public LoopSpec pausingAtMost(Duration longest) {
    return pausing(firstPause, longest);
  }

  /// The same with other pauses after failed rounds.
  ///
  /// @param first after one; zero for what is usual
  public LoopSpec pausing(Duration first, Duration longest) {
    return new LoopSpec(
        name, interval, initialDelay, leaderOnly, dependsOn, round, counters, first, longest);
  }

  /// One round. Runs on a virtual thread and may block; it is interrupted when the loop stops.
  @FunctionalInterface
  public interface Round {
    /// @param epoch the leader's epoch of a leader-only loop, checked again right before each side
    ///   effect; empty in other loops
    void run(Optional<Epoch> epoch) throws InterruptedException;
  }

  /// Counters by name.
  @FunctionalInterface
  public interface Counters {
    Map<String, Long> read();
  }
}
