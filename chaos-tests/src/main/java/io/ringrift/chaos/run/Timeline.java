package io.ringrift.chaos.run;

import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;

/// Lets faults begin and end at their times. One thread, which it holds until all are over. Damage
/// waits until something is there to be damaged, and a fault of the leader until there is one: all
/// that comes later is so much later then, and strikes nobody who still recovers.
final class Timeline {
  /// Number of a fault, and whether it begins or ends.
  private record Turn(Duration at, int number, boolean begins) {}

  private final Striker striker;
  private final RunClock clock;
  private final PriorityQueue<Turn> turns =
      new PriorityQueue<>(
          Comparator.comparing(Turn::at)
              .thenComparing(Turn::begins)
              .thenComparingInt(Turn::number));
  private final Map<Integer, FaultSpec> faults = new java.util.HashMap<>();

  Timeline(Striker striker, RunClock clock) {
    this.striker = striker;
    this.clock = clock;
  }

  /// @param schedule times count from now
  /// @param over asked before each fault; ends the timeline early
  void run(List<FaultSpec> schedule, java.util.function.BooleanSupplier over)
      throws IOException, InterruptedException {
    long start = clock.nanos();
    schedule.forEach(this::add);
    try {
      while (!turns.isEmpty() && !over.getAsBoolean()) {
        Turn turn = turns.remove();
        awaitTime(start + turn.at().toNanos());
        FaultSpec fault = java.util.Objects.requireNonNull(faults.get(turn.number()));
        if (!turn.begins()) {
          striker.end(turn.number());
        } else {
          long before = clock.nanos();
          striker.awaitTargets(fault);
          long awaited = clock.nanos();
          if (fault.kind() == FaultKind.FLAP) {
            flap(fault);
          } else {
            striker.begin(turn.number(), fault);
          }
          start += (fault.kind() == FaultKind.CORRUPT ? clock.nanos() : awaited) - before;
        }
      }
    } finally {
      striker.endAll();
    }
  }

  private void add(FaultSpec fault) {
    int number = faults.size();
    faults.put(number, fault);
    turns.add(new Turn(fault.at(), number, true));
    if (fault.kind() != FaultKind.FLAP) {
      turns.add(new Turn(fault.end(), number, false));
    }
  }

  /// As many isolations of the same nodes as fit.
  private void flap(FaultSpec fault) {
    List<String> hit = striker.resolve(fault.targets());
    Duration every = fault.duration("every");
    for (Duration at = fault.at();
        at.compareTo(fault.end()) < 0;
        at = at.plus(every.multipliedBy(2))) {
      add(new FaultSpec(FaultKind.ISOLATE, at, every, hit, List.of(), Map.of()));
    }
  }

  private void awaitTime(long nanos) throws InterruptedException {
    for (long left = nanos - clock.nanos(); left > 0; left = nanos - clock.nanos()) {
      LockSupport.parkNanos(this, left);
      if (Thread.interrupted()) {
        throw new InterruptedException("the run was interrupted");
      }
    }
  }
}
