package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.time.Moment;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.fdetector.FailureDetectorEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/// Shortens the suspicion of the killed: who is suspect and whose machine refuses connections at
/// its port has no process there, and cannot refute. Silence tells nothing; a process that stands
/// still or is cut off keeps its whole suspicion. Owner thread.
final class Refusals {
  private final Executor owner;
  private final WireTypes types;
  private final BiConsumer<String, Runnable> asker;
  private final Duration gap;
  private final Map<String, Moment> asked = new HashMap<>();
  private final Sinks.Many<FailureDetectorEvent> gone = Sinks.many().multicast().directBestEffort();

  /// @param asker runs the task when that address refuses connections, on any thread
  /// @param gap between two questions about one suspect
  Refusals(Executor owner, WireTypes types, BiConsumer<String, Runnable> asker, Duration gap) {
    this.owner = owner;
    this.types = types;
    this.asker = asker;
    this.gap = gap;
  }

  /// A suspect is in the table at this moment.
  void suspect(Moment now, Member member) {
    Moment before = asked.getOrDefault(member.id(), Moment.MIN);
    if (now.since(before).compareTo(gap) >= 0) {
      asked.put(member.id(), now);
      asker.accept(member.address(), () -> owner.execute(() -> refused(member)));
    }
  }

  private void refused(Member member) {
    if (asked.containsKey(member.id())) {
      gone.emitNext(types.death(member), Sinks.EmitFailureHandler.FAIL_FAST);
    }
  }

  /// Forgets all others: a suspect that refuted meanwhile is not judged by an old answer.
  void retain(Set<String> suspects) {
    asked.keySet().retainAll(suspects);
  }

  /// Members that are gone.
  Flux<FailureDetectorEvent> listen() {
    return gone.asFlux();
  }
}
