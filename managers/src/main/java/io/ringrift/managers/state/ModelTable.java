package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.Promotion;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Models and which of them is in office, by configuration.
@Pure
final class ModelTable {
  static final int MOST_MODELS = 1000;
  static final int MOST_PROMOTIONS = 1000;
  private static final int MOST_METRICS = 32;
  private static final int HASH_DIGITS = 12;

  private final OrderedTable<Model> models;
  private final OrderedTable<Promotion> promotions;
  private final StateClock clock;

  ModelTable(Changes changes, StateClock clock) {
    this.clock = clock;
    this.models = new OrderedTable<>(changes, Family.MODELS, Model::getModelId, Model::getSequence);
    this.promotions =
        new OrderedTable<>(
            changes, Family.PROMOTIONS, p -> placed(p.getSequence()), Promotion::getSequence);
  }

  private static String placed(long sequence) {
    return String.format(Locale.ROOT, "%020d", sequence);
  }

  static String idOf(String configKey, String sha256) {
    return configKey + "-" + sha256.substring(0, HASH_DIGITS);
  }

  /// @throws Refusal INVALID_ARGUMENT
  static void checkMetrics(Model model) {
    if (model.getMetricsCount() > MOST_METRICS) {
      throw Refusal.invalid(
          "model.metrics", model.getMetricsCount() + " values", "at most " + MOST_METRICS);
    }
    model
        .getMetricsMap()
        .forEach(
            (name, value) -> {
              if (name.length() > 64 || value.length() > 200) {
                throw Refusal.invalid(
                    "model.metrics." + name, value, "names of 64 and values of 200 characters");
              }
            });
  }

  void load(Model model) {
    models.load(model);
  }

  void load(Promotion promotion) {
    promotions.load(promotion);
  }

  @Nullable Model get(String id) {
    return models.get(id);
  }

  boolean has(String id, String configKey) {
    Model model = models.get(id);
    return model != null && model.getConfigKey().equals(configKey);
  }

  /// Adds a model; one that is there already stays as it is.
  void register(Model model) {
    if (models.get(model.getModelId()) == null) {
      models.put(
          model.toBuilder()
              .setCreateTime(clock.wallTime())
              .setSequence(clock.nextSequence())
              .build());
      models.forget(MOST_MODELS, m -> m.getState() != ModelState.MODEL_STATE_PROMOTED);
    }
  }

  void put(Model model) {
    models.put(model);
  }

  /// Id of the model in office; empty when nobody is.
  String inOffice(String configKey) {
    return promotions.newestFirst().stream()
        .filter(p -> p.getConfigKey().equals(configKey))
        .findFirst()
        .map(Promotion::getModelId)
        .orElse("");
  }

  /// The change that brought a model into office, other than by a rollback; the newest one.
  Optional<Promotion> rise(String configKey, String modelId) {
    return promotions.newestFirst().stream()
        .filter(p -> p.getConfigKey().equals(configKey) && p.getModelId().equals(modelId))
        .filter(
            p -> p.getCause() != io.ringrift.training.v1.PromotionCause.PROMOTION_CAUSE_ROLLBACK)
        .findFirst();
  }

  void add(Promotion promotion) {
    promotions.put(promotion);
    promotions.forget(MOST_PROMOTIONS, p -> !p.getModelId().equals(inOffice(p.getConfigKey())));
  }

  Collection<Model> newestFirst() {
    return models.newestFirst();
  }

  Collection<Promotion> promotionsNewestFirst() {
    return promotions.newestFirst();
  }
}
