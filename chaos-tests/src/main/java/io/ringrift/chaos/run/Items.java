package io.ringrift.chaos.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Items and jobs that clients know of. Bounded: the oldest are forgotten. Any thread.
final class Items {
  private static final int MOST = 20_000;
  private static final int NEWEST = 50;

  private final List<String> items = new ArrayList<>();
  private final List<String> jobs = new ArrayList<>();
  private final AtomicInteger acknowledged = new AtomicInteger();

  void add(String id) {
    add(items, id);
  }

  void addJob(String id) {
    add(jobs, id);
  }

  private synchronized void add(List<String> known, String id) {
    if (known.size() >= MOST) {
      known.subList(0, MOST / 2).clear();
    }
    known.add(id);
  }

  void acknowledge() {
    acknowledged.incrementAndGet();
  }

  int acknowledged() {
    return acknowledged.get();
  }

  Optional<String> any(SplittableRandom random) {
    return any(items, random);
  }

  Optional<String> anyJob(SplittableRandom random) {
    return any(jobs, random);
  }

  /// The newest are asked for most: their histories are where writes and reads meet.
  private synchronized Optional<String> any(List<String> known, SplittableRandom random) {
    if (known.isEmpty()) {
      return Optional.empty();
    }
    int span = random.nextInt(4) == 0 ? known.size() : Math.min(NEWEST, known.size());
    return Optional.of(known.get(known.size() - 1 - random.nextInt(span)));
  }
}
