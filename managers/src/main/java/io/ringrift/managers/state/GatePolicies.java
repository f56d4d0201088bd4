package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.GateProgress;

/// The messages of gates as the rules see them.
@Pure
public final class GatePolicies {
  private GatePolicies() {}

  /// Most chunks of a gate.
  static final int MOST_CHUNKS = 2000;

  private static final int MOST_PAIRS_OF_A_CHUNK = 1000;

  /// Refuses a policy that no gate could have, or that could not come to its end in so many chunks
  /// when every second pair breaks.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static void check(GatePolicy policy, int pairsPerChunk) {
    if (pairsPerChunk < 1 || pairsPerChunk > MOST_PAIRS_OF_A_CHUNK) {
      throw Refusal.invalid(
          "pairs_per_chunk", Integer.toString(pairsPerChunk), "1 to " + MOST_PAIRS_OF_A_CHUNK);
    }
    long pairs = 2L * rule(policy).mostPairs();
    if (pairs > (long) MOST_CHUNKS * pairsPerChunk) {
      throw Refusal.invalid(
          "pairs_per_chunk",
          Integer.toString(pairsPerChunk),
          "at least " + Math.ceilDiv(pairs, MOST_CHUNKS) + " for a rule of so many pairs");
    }
  }

  /// The gate with its results in one, because nobody asks any longer which chunk they came from.
  static Gate.Builder folded(Gate gate) {
    var sum = GateChunk.newBuilder();
    for (GateChunk chunk : gate.getChunksList()) {
      sum.setLostPairs(sum.getLostPairs() + chunk.getLostPairs())
          .setHalfPairs(sum.getHalfPairs() + chunk.getHalfPairs())
          .setDrawnPairs(sum.getDrawnPairs() + chunk.getDrawnPairs())
          .setMorePairs(sum.getMorePairs() + chunk.getMorePairs())
          .setWonPairs(sum.getWonPairs() + chunk.getWonPairs())
          .setBrokenPairs(sum.getBrokenPairs() + chunk.getBrokenPairs());
    }
    return gate.getChunksCount() == 0
        ? gate.toBuilder()
        : gate.toBuilder().clearChunks().addChunks(sum);
  }

  /// @throws Refusal INVALID_ARGUMENT naming the field
  static GateRule rule(GatePolicy policy) {
    return switch (policy.getRuleCase()) {
      case FIXED ->
          new GateRule.FixedShare(policy.getFixed().getPairs(), policy.getFixed().getLeastShare());
      case INTERVAL ->
          new GateRule.Interval(
              policy.getInterval().getPairs(), policy.getInterval().getAboveShare());
      case SEQUENTIAL -> {
        var test = policy.getSequential();
        yield new GateRule.Sprt(
            test.getAlpha(), test.getBeta(), test.getElo0(), test.getElo1(), test.getMostPairs());
      }
      case RULE_NOT_SET ->
          throw Refusal.invalid("policy", "", "one of fixed, interval and sequential");
    };
  }

  /// What the candidate scored in the pairs that both games of were finished.
  static PairScores scores(Gate gate) {
    int none = 0;
    int half = 0;
    int one = 0;
    int more = 0;
    int two = 0;
    for (GateChunk chunk : gate.getChunksList()) {
      none += chunk.getLostPairs();
      half += chunk.getHalfPairs();
      one += chunk.getDrawnPairs();
      more += chunk.getMorePairs();
      two += chunk.getWonPairs();
    }
    return new PairScores(none, half, one, more, two);
  }

  static int broken(Gate gate) {
    return gate.getChunksList().stream().mapToInt(GateChunk::getBrokenPairs).sum();
  }

  /// How far a gate is, for people.
  static GateProgress progress(Gate gate) {
    var scores = scores(gate);
    var rule = rule(gate.getPolicy());
    var progress =
        GateProgress.newBuilder()
            .setGate(gate)
            .setShare(scores.share())
            .setLow(scores.low())
            .setHigh(scores.high())
            .setPairs(scores.pairs())
            .setExpectedPairs(rule.mostPairs());
    if (rule instanceof GateRule.Sprt sprt) {
      progress
          .setLlr(sprt.llr(scores))
          .setLlrLow(sprt.lower())
          .setLlrHigh(sprt.upper())
          .setExpectedPairs(sprt.expectedPairs(sprt.elo1(), GateRule.Sprt.USUAL_VARIANCE));
    }
    return progress.build();
  }
}
