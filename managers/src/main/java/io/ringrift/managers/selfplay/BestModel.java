package io.ringrift.managers.selfplay;

import io.ringrift.job.v1.InputFile;
import java.util.Optional;

/// Which model self-play should use. Never blocks for long; any thread.
@FunctionalInterface
public interface BestModel {
  /// File of the model in office, with its hash; empty when there is none.
  Optional<InputFile> of(String configKey);
}
