package io.ringrift.benchmarks.swim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// What members saw, by when we read it. Safe for any thread.
final class Seen {
  /// What can happen to a member.
  enum Kind {
    /// Its process began.
    UP,
    JOINED,
    DEAD
  }

  /// @param nanos of this process's clock
  record Sighting(long nanos, String observer, Kind kind, String member) {}

  private final List<Sighting> all = new ArrayList<>();
  private final Map<String, Set<String>> knows = new HashMap<>();

  synchronized void add(String observer, Kind kind, String member) {
    all.add(new Sighting(System.nanoTime(), observer, kind, member));
    if (kind == Kind.JOINED && !observer.equals(member)) {
      knows.computeIfAbsent(observer, _ -> new HashSet<>()).add(member);
    }
    notifyAll();
  }

  /// @return whether it came about in time
  synchronized boolean await(BooleanSupplier done, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!done.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(Math.min(left, 200));
    }
    return true;
  }

  /// Whether each of them saw that many others join.
  synchronized boolean allKnow(Collection<String> observers, int others) {
    return observers.stream().allMatch(o -> knows.getOrDefault(o, Set.of()).size() >= others);
  }

  /// Seconds since then until each other member saw it first, in order.
  synchronized List<Double> seconds(Kind kind, String member, long since) {
    var first = new HashMap<String, Long>();
    for (Sighting each : all) {
      if (each.kind() == kind
          && each.member().equals(member)
          && each.nanos() - since >= 0
          && (kind == Kind.UP || !each.observer().equals(member))) {
        first.putIfAbsent(each.observer(), each.nanos());
      }
    }
    return first.values().stream().map(nanos -> (nanos - since) / 1e9).sorted().toList();
  }

  /// Reports since then of deaths of others than the killed one.
  synchronized int falseDeaths(Set<String> killed, long since) {
    return (int)
        all.stream()
            .filter(each -> each.kind() == Kind.DEAD && each.nanos() - since >= 0)
            .filter(each -> !killed.contains(each.member()))
            .count();
  }
}
