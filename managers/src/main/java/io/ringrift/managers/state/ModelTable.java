package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.PromotionCause;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Models and which of them is in office, by configuration.
@Pure
final class ModelTable {
  /// Models of a configuration that are kept beside those that are or were in office.
  static final int MOST_OTHERS = 50;

  /// Models of a configuration that were in office and are kept; the newest are.
  static final int MOST_RETIRED = 50;

  /// Changes of office of a configuration that are kept.
  static final int MOST_PROMOTIONS = 100;

  private static final int MOST_METRICS = 32;
  private static final int HASH_DIGITS = 12;

  private final OrderedTable<Model> models;
  private final OrderedTable<Promotion> promotions;
  private final StateClock clock;
  private final Supplier<Set<String>> inUse;

  /// @param inUse ids of models that are never forgotten
  ModelTable(Changes changes, StateClock clock, Supplier<Set<String>> inUse) {
    this.clock = clock;
    this.inUse = inUse;
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
      forget(model.getConfigKey());
    }
  }

  private void forget(String config) {
    Set<String> spared = inUse.get();
    models.forget(
        MOST_OTHERS, m -> of(config, m) && !officer(m) && !spared.contains(m.getModelId()));
    models.forget(
        MOST_RETIRED,
        m ->
            of(config, m)
                && m.getState() == ModelState.MODEL_STATE_RETIRED
                && !spared.contains(m.getModelId()));
  }

  private static boolean of(String config, Model model) {
    return model.getConfigKey().equals(config);
  }

  private static boolean officer(Model model) {
    return model.getState() == ModelState.MODEL_STATE_PROMOTED
        || model.getState() == ModelState.MODEL_STATE_RETIRED;
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

  /// Who is in office and whoever would be after so many rollbacks, newest first; an empty id
  /// stands for nobody. What happened before the oldest change that is kept is not known.
  List<String> succession(String configKey) {
    var stack = new ArrayDeque<String>();
    for (Promotion change : List.copyOf(promotions.newestFirst()).reversed()) {
      if (!change.getConfigKey().equals(configKey)) {
        continue;
      }
      if (stack.isEmpty()) {
        stack.push(change.getPreviousModelId());
      }
      if (change.getCause() == PromotionCause.PROMOTION_CAUSE_ROLLBACK && stack.size() > 1) {
        stack.pop();
      } else {
        stack.push(change.getModelId());
      }
    }
    return List.copyOf(stack);
  }

  void add(Promotion promotion) {
    promotions.put(promotion);
    promotions.forget(MOST_PROMOTIONS, p -> p.getConfigKey().equals(promotion.getConfigKey()));
  }

  Collection<Model> newestFirst() {
    return models.newestFirst();
  }

  Collection<Promotion> promotionsNewestFirst() {
    return promotions.newestFirst();
  }
}
