package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.RollBackModel;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.PromotionCause;
import java.util.List;
import java.util.Map;

/// Who is in office. A change is one entry of the ledger, with its cause.
@Pure
final class ModelActions {
  private final ModelTable models;
  private final OrderedTable<Gate> gates;
  private final StateClock clock;
  private final EventRing events;

  ModelActions(ModelTable models, OrderedTable<Gate> gates, StateClock clock, EventRing events) {
    this.models = models;
    this.gates = gates;
    this.clock = clock;
    this.events = events;
  }

  Decision promote(String modelId, long epoch) {
    Model model = models.get(modelId);
    if (model == null) {
      return Decision.refused(
          Reason.MODEL_NOT_FOUND, "no model \"" + cut(modelId) + "\"; see `model list`");
    }
    if (models.inOffice(model.getConfigKey()).equals(modelId)) {
      return Decision.refused(
          Reason.ILLEGAL_TRANSITION, modelId + " is in office already; nothing to do");
    }
    return new Decision.Change(
        () ->
            result(
                change(
                    model.getConfigKey(),
                    modelId,
                    PromotionCause.PROMOTION_CAUSE_OPERATOR,
                    "",
                    epoch)));
  }

  Decision rollBack(RollBackModel command, long epoch) {
    String config = command.getConfigKey();
    try {
      Names.requireConfig("config_key", config);
    } catch (Refusal refusal) {
      return Decision.refused(refusal);
    }
    String now = models.inOffice(config);
    if (now.isEmpty()) {
      return Decision.refused(
          Reason.ILLEGAL_TRANSITION, "no model of " + config + " is in office; see `model list`");
    }
    if (!command.getModelId().isEmpty() && !command.getModelId().equals(now)) {
      return Decision.refused(
          Reason.ILLEGAL_TRANSITION,
          now + " is in office, not " + cut(command.getModelId()) + "; nothing was changed");
    }
    List<String> succession = models.succession(config);
    if (succession.size() < 2) {
      return Decision.refused(
          Reason.ILLEGAL_TRANSITION,
          "who was in office before " + now + " is no longer known; use `model promote`");
    }
    String before = succession.get(1);
    if (!before.isEmpty() && models.get(before) == null) {
      return Decision.refused(
          Reason.MODEL_NOT_FOUND,
          before + " was in office before and is forgotten; use `model promote` with another");
    }
    return new Decision.Change(
        () -> result(change(config, before, PromotionCause.PROMOTION_CAUSE_ROLLBACK, "", epoch)));
  }

  /// Changes who is in office.
  ///
  /// @param modelId who is from now on; empty for nobody
  Promotion change(
      String configKey, String modelId, PromotionCause cause, String gateId, long epoch) {
    String before = models.inOffice(configKey);
    overtake(configKey);
    move(before, ModelState.MODEL_STATE_RETIRED);
    move(modelId, ModelState.MODEL_STATE_PROMOTED);
    var promotion =
        Promotion.newBuilder()
            .setConfigKey(configKey)
            .setModelId(modelId)
            .setPreviousModelId(before)
            .setCause(cause)
            .setGateId(gateId)
            .setTime(clock.wallTime())
            .setSequence(clock.nextSequence())
            .setEpoch(epoch)
            .build();
    models.add(promotion);
    events.add(
        "MODEL_PROMOTED",
        modelId,
        Map.of(
            "config_key", configKey,
            "model_id", modelId,
            "previous_model_id", before,
            "cause", cause.name().replace("PROMOTION_CAUSE_", ""),
            "gate_id", gateId));
    return promotion;
  }

  /// A gate is against whoever was in office when it was opened.
  private void overtake(String configKey) {
    for (Gate gate : List.copyOf(gates.newestFirst())) {
      if (gate.getState() == GateState.GATE_STATE_OPEN && gate.getConfigKey().equals(configKey)) {
        gates.put(
            gate.toBuilder()
                .setState(GateState.GATE_STATE_OVERTAKEN)
                .setVerdict("another model took office meanwhile")
                .setEndTime(clock.wallTime())
                .build());
      }
    }
  }

  private void move(String modelId, ModelState state) {
    Model model = models.get(modelId);
    if (model != null) {
      models.put(model.toBuilder().setState(state).build());
    }
  }

  private static CommandResult result(Promotion promotion) {
    return CommandResult.newBuilder().setPromotion(promotion).build();
  }

  private static String cut(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100);
  }
}
