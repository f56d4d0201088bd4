package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// The rules in force, and a gate at which pieces wait while their direction is cut. Any thread.
final class Rules {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Link, LongAdder> struck = new ConcurrentHashMap<>();
  private final Map<Link, LongAdder> passed = new ConcurrentHashMap<>();
  private Map<Link, LinkRule> rules = Map.of();
  private long version;
  private boolean closed;

  /// Replaces all rules at once; links that are left out are clear.
  void set(Map<Link, LinkRule> all) {
    lock.lock();
    try {
      rules = Map.copyOf(all);
      version++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  LinkRule of(Link link) {
    lock.lock();
    try {
      return rules.getOrDefault(link, LinkRule.CLEAR);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until neither of the two is cut.
  ///
  /// @return false when all is over
  boolean awaitOpen(Link one, Link other) throws InterruptedException {
    lock.lock();
    try {
      Stream.of(one, other).distinct().filter(this::cut).forEach(this::strike);
      while (!closed && (cut(one) || cut(other))) {
        changed.await();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private boolean cut(Link link) {
    return rules.getOrDefault(link, LinkRule.CLEAR).cut();
  }

  /// What a call says has passed that link, on whatever connection.
  void pass(Link link) {
    passed.computeIfAbsent(link, _ -> new LongAdder()).increment();
  }

  /// How often that happened.
  long passed(Link link) {
    return passed.computeIfAbsent(link, _ -> new LongAdder()).sum();
  }

  /// The rule of that link held back, lost, doubled, exchanged or ended something.
  void strike(Link link) {
    struck.computeIfAbsent(link, _ -> new LongAdder()).increment();
  }

  /// The same, for what comes out later: other rules may be in force by then, and such a strike
  /// would be taken for theirs.
  ///
  /// @param asOf version of the rules that did it
  void strike(Link link, long asOf) {
    lock.lock();
    try {
      if (asOf == version) {
        strike(link);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Of the rules in force; every change of them makes a new one.
  long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /// How often that happened; a fault that leaves it at zero on all of its links had no effect.
  long struck(Link link) {
    LongAdder count = struck.get(link);
    return count == null ? 0 : count.sum();
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
