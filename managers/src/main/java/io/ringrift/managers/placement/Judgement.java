package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.List;

/// What placement thinks of one node.
///
/// @param reason stable code; empty when feasible
/// @param detail the same for people
@Pure
record Judgement(String nodeId, String reason, String detail, List<Term> terms) {
  /// One summand of the score.
  record Term(String name, double value) {}

  boolean feasible() {
    return reason.isEmpty();
  }

  double score() {
    return terms.stream().mapToDouble(Term::value).sum();
  }
}
