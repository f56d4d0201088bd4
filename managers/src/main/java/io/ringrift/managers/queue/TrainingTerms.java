package io.ringrift.managers.queue;

import java.time.Duration;

/// What can be set about who gets a training.
///
/// @param minMemoryBytes least memory of a node that trains
/// @param patience how long a training is kept for a better node than those that ask; zero gives it
///   to the first that asks
public record TrainingTerms(long minMemoryBytes, Duration patience) {
  /// SPEC 5.6 with the default of the documents.
  public static TrainingTerms defaults() {
    return new TrainingTerms((8L << 30) / 10 * 9, Duration.ofSeconds(30));
  }
}
