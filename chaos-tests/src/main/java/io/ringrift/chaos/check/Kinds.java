package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Kinds of faults, which evidence calls by their words.
final class Kinds {
  private Kinds() {}

  static Set<String> words(FaultKind... kinds) {
    return Stream.of(kinds).map(FaultKind::word).collect(Collectors.toUnmodifiableSet());
  }

  static boolean is(FaultBand fault, FaultKind kind) {
    return fault.name().equals(kind.word());
  }
}
