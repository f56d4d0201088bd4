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

  /// Refuses a policy that no gate could have.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static void check(GatePolicy policy) {
    var _ = rule(policy);
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
