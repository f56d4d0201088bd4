package io.ringrift.managers.training;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does a round for each of several that have nothing to do with each other: what is refused for
/// one is told and tried again in the next round, and the others go on.
final class Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

  /// After these nothing more can be done in this round.
  private static final Set<Reason> OVER =
      Set.of(
          Reason.STALE_EPOCH,
          Reason.NOT_LEADER,
          Reason.NO_QUORUM,
          Reason.MODE_SWITCH,
          Reason.SHUTTING_DOWN,
          Reason.DEADLINE_EXCEEDED,
          Reason.UNREACHABLE);

  private final AtomicLong refused = new AtomicLong();

  long refused() {
    return refused.get();
  }

  /// @throws Refusal when this node no longer leads or nobody answers
  <T> void each(Collection<T> all, Consumer<T> step) {
    for (T one : all) {
      try {
        step.accept(one);
      } catch (Refusal refusal) {
        if (OVER.contains(refusal.reason())) {
          throw refusal;
        }
        refused.incrementAndGet();
        LOG.warn("tried again in the next round: {}", refusal.text());
      }
    }
  }
}
