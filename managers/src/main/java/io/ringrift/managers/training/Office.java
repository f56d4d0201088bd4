package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.training.v1.Model;
import java.util.Optional;

/// Who is in office, out of what the ledger keeps.
@Pure
final class Office {
  private Office() {}

  static Optional<Model> of(ReadLearningResponse learning, String configKey) {
    return learning.getPromotionsList().stream()
        .filter(change -> change.getConfigKey().equals(configKey))
        .findFirst()
        .flatMap(change -> model(learning, change.getModelId()));
  }

  static Optional<Model> model(ReadLearningResponse learning, String modelId) {
    return learning.getModelsList().stream()
        .filter(model -> model.getModelId().equals(modelId))
        .findFirst();
  }
}
