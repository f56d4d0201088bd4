package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.training.v1.GateChunk;
import java.util.Optional;

/// What a gauntlet said of its games: one letter each, `a` or `b` won, `d` drawn, anything else
/// broke. Two games that follow each other are a pair with swapped colours.
@Pure
final class PairOutcomes {
  private PairOutcomes() {}

  /// The chunk that the games make; empty when there are not as many as were asked for.
  static Optional<GateChunk.Builder> chunk(String outcomes, int pairs) {
    if (outcomes.length() != 2 * pairs) {
      return Optional.empty();
    }
    int[] byPoints = new int[5];
    int broken = 0;
    for (int i = 0; i < outcomes.length(); i += 2) {
      int first = points(outcomes.charAt(i));
      int second = points(outcomes.charAt(i + 1));
      if (first < 0 || second < 0) {
        broken++;
      } else {
        byPoints[first + second]++;
      }
    }
    return Optional.of(
        GateChunk.newBuilder()
            .setLostPairs(byPoints[0])
            .setHalfPairs(byPoints[1])
            .setDrawnPairs(byPoints[2])
            .setMorePairs(byPoints[3])
            .setWonPairs(byPoints[4])
            .setBrokenPairs(broken));
  }

  /// Twice the points of `a`; negative when the game broke.
  static int points(char outcome) {
    return switch (outcome) {
      case 'a' -> 2;
      case 'd' -> 1;
      case 'b' -> 0;
      default -> -1;
    };
  }
}
