package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.OpenGate;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateChunk;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.PromotionCause;
import java.util.Locale;
import java.util.Map;

/// Gates: the ledger itself judges the results that it is given, and the candidate that passes
/// takes office with the same entry. So a result that comes late, twice or from a leader of before
/// promotes nobody.
@Pure
final class GateActions {
  /// Ended gates that are kept of a configuration.
  static final int MOST_ENDED = 100;

  private static final int LONGEST_TEXT = 1000;

  private final OrderedTable<Gate> gates;
  private final ModelTable models;
  private final ModelActions office;
  private final StateClock clock;
  private final EventRing events;

  GateActions(
      OrderedTable<Gate> gates,
      ModelTable models,
      ModelActions office,
      StateClock clock,
      EventRing events) {
    this.gates = gates;
    this.models = models;
    this.office = office;
    this.clock = clock;
    this.events = events;
  }

  Decision open(OpenGate command, long epoch) {
    Gate gate = command.getGate();
    try {
      Names.requireId("gate.gate_id", gate.getGateId());
      GatePolicies.check(gate.getPolicy(), gate.getPairsPerChunk());
    } catch (Refusal refusal) {
      return Decision.refused(refusal);
    }
    Model candidate = models.get(gate.getCandidateId());
    if (candidate == null) {
      return Decision.refused(
          Reason.MODEL_NOT_FOUND, "no model " + gate.getCandidateId() + "; see `model list`");
    }
    if (candidate.getState() != ModelState.MODEL_STATE_CANDIDATE) {
      return refused(
          candidate.getModelId()
              + " is "
              + candidate.getState().name().replace("MODEL_STATE_", "").toLowerCase(Locale.ROOT)
              + ", only candidates have gates");
    }
    return refuses(gate, candidate)
        ? refused("a gate of " + candidate.getConfigKey() + " is open; one at a time")
        : new Decision.Change(() -> result(openNow(gate, candidate, epoch)));
  }

  private boolean refuses(Gate gate, Model candidate) {
    return gates.get(gate.getGateId()) != null
        || gates.newestFirst().stream()
            .anyMatch(g -> !ended(g) && g.getConfigKey().equals(candidate.getConfigKey()));
  }

  private Gate openNow(Gate asked, Model candidate, long epoch) {
    var gate =
        Gate.newBuilder()
            .setGateId(asked.getGateId())
            .setConfigKey(candidate.getConfigKey())
            .setCandidateId(candidate.getModelId())
            .setBaselineId(models.inOffice(candidate.getConfigKey()))
            .setPolicy(asked.getPolicy())
            .setSeed(asked.getSeed())
            .setPairsPerChunk(asked.getPairsPerChunk())
            .setOpeningsTotal(asked.getOpeningsTotal())
            .setState(GateState.GATE_STATE_OPEN)
            .setCreateTime(clock.wallTime())
            .setSequence(clock.nextSequence())
            .setEpoch(epoch)
            .build();
    gates.put(gate);
    gates.forget(MOST_ENDED, g -> ended(g) && g.getConfigKey().equals(gate.getConfigKey()));
    models.put(candidate.toBuilder().setGateId(gate.getGateId()).build());
    events.add(
        "GATE_OPENED",
        gate.getGateId(),
        Map.of(
            "config_key", gate.getConfigKey(),
            "model_id", gate.getCandidateId(),
            "baseline_id", gate.getBaselineId()));
    return gate;
  }

  Decision add(String gateId, GateChunk chunk, long epoch) {
    Gate gate = gates.get(gateId);
    if (gate == null) {
      return notFound(gateId);
    }
    if (ended(gate)) {
      return refused(gateId + " was decided already: " + gate.getVerdict());
    }
    for (GateChunk known : gate.getChunksList()) {
      if (known.getChunk() == chunk.getChunk()) {
        return known.equals(chunk)
            ? new Decision.Settled(result(gate))
            : refused("chunk " + chunk.getChunk() + " has a result already; it counts once");
      }
    }
    try {
      check(gate, chunk);
    } catch (Refusal refusal) {
      return Decision.refused(refusal);
    }
    return new Decision.Change(() -> judge(gate.toBuilder().addChunks(chunk).build(), epoch));
  }

  private static void check(Gate gate, GateChunk chunk) {
    if (chunk.getChunk() < 0 || chunk.getChunk() >= GatePolicies.MOST_CHUNKS) {
      throw Refusal.invalid(
          "chunk.chunk",
          Integer.toString(chunk.getChunk()),
          "0 to " + (GatePolicies.MOST_CHUNKS - 1));
    }
    int[] counts = {
      chunk.getLostPairs(),
      chunk.getHalfPairs(),
      chunk.getDrawnPairs(),
      chunk.getMorePairs(),
      chunk.getWonPairs(),
      chunk.getBrokenPairs()
    };
    long sum = 0;
    for (int count : counts) {
      if (count < 0) {
        throw Refusal.invalid("chunk", Integer.toString(count), "numbers of pairs, 0 or greater");
      }
      sum += count;
    }
    if (sum != gate.getPairsPerChunk()) {
      throw Refusal.invalid(
          "chunk", sum + " pairs", gate.getPairsPerChunk() + " pairs as the gate asks for");
    }
    Names.requireId("chunk.work_id", chunk.getWorkId());
  }

  private CommandResult judge(Gate gate, long epoch) {
    if (models.get(gate.getCandidateId()) == null) {
      String why = "model " + gate.getCandidateId() + " is forgotten; it cannot take office";
      return result(end(gate, GateState.GATE_STATE_HELD, why));
    }
    var verdict =
        GatePolicies.rule(gate.getPolicy())
            .judge(GatePolicies.scores(gate), GatePolicies.broken(gate));
    return switch (verdict.outcome()) {
      case GO_ON -> {
        var open = gate.toBuilder().setVerdict(verdict.why()).build();
        gates.put(open);
        yield result(open);
      }
      case HOLD -> result(end(gate, GateState.GATE_STATE_HELD, verdict.why()));
      case FAIL -> {
        var failed = end(gate, GateState.GATE_STATE_FAILED, verdict.why());
        archive(gate, verdict.why());
        yield result(failed);
      }
      case PASS -> {
        var passed = end(gate, GateState.GATE_STATE_PASSED, verdict.why());
        var promotion =
            office.change(
                gate.getConfigKey(),
                gate.getCandidateId(),
                PromotionCause.PROMOTION_CAUSE_GATE,
                gate.getGateId(),
                epoch);
        yield result(passed).toBuilder().setPromotion(promotion).build();
      }
    };
  }

  private void archive(Gate gate, String reason) {
    Model model = models.get(gate.getCandidateId());
    if (model != null) {
      models.put(model.toBuilder().setState(ModelState.MODEL_STATE_ARCHIVED).build());
    }
    events.add(
        "PROMOTION_FAILED",
        gate.getCandidateId(),
        Map.of(
            "config_key", gate.getConfigKey(),
            "model_id", gate.getCandidateId(),
            "reason", reason));
  }

  Decision hold(String gateId, String cause) {
    Gate gate = gates.get(gateId);
    if (gate == null) {
      return notFound(gateId);
    }
    if (ended(gate)) {
      return gate.getState() == GateState.GATE_STATE_HELD
          ? new Decision.Settled(result(gate))
          : refused(gateId + " was decided already: " + gate.getVerdict());
    }
    String cut = cause.length() <= LONGEST_TEXT ? cause : cause.substring(0, LONGEST_TEXT);
    return new Decision.Change(() -> result(end(gate, GateState.GATE_STATE_HELD, cut)));
  }

  private Gate end(Gate gate, GateState state, String verdict) {
    var ended =
        GatePolicies.folded(gate)
            .setState(state)
            .setVerdict(verdict)
            .setEndTime(clock.wallTime())
            .build();
    gates.put(ended);
    var scores = GatePolicies.scores(ended);
    events.add(
        "EVALUATION_COMPLETED",
        gate.getCandidateId(),
        Map.of(
            "config_key", gate.getConfigKey(),
            "model_id", gate.getCandidateId(),
            "gate_id", gate.getGateId(),
            "win_rate", String.format(Locale.ROOT, "%.4f", scores.share()),
            "elo", String.format(Locale.ROOT, "%.0f", scores.elo()),
            "games_played", Integer.toString(2 * scores.pairs()),
            "passed", Boolean.toString(state == GateState.GATE_STATE_PASSED),
            "verdict", verdict));
    return ended;
  }

  static boolean ended(Gate gate) {
    return gate.getState() != GateState.GATE_STATE_OPEN;
  }

  private static Decision refused(String why) {
    return Decision.refused(Reason.GATE_REFUSED, why);
  }

  private static Decision notFound(String gateId) {
    return Decision.refused(Reason.GATE_NOT_FOUND, "no gate " + gateId + "; see `model gates`");
  }

  /// Without the chunks, which would be remembered with every repeatable command.
  private static CommandResult result(Gate gate) {
    return CommandResult.newBuilder().setGate(gate.toBuilder().clearChunks()).build();
  }
}
