package io.ringrift.managers.job;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Supplier;

/// The worker's own guards (SPEC 5.4): whether the machine has room for one more process, and how
/// many began within a minute. Asked before work is claimed and before a process begins. Any
/// thread.
final class SpawnGuards {
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Supplier<ProcessConfig> config;
  private final Supplier<Machine.Load> machine;
  private final Ticker ticker;
  private final ArrayDeque<Moment> spawns = new ArrayDeque<>();

  SpawnGuards(Supplier<ProcessConfig> config, Supplier<Machine.Load> machine, Ticker ticker) {
    this.config = config;
    this.machine = machine;
    this.ticker = ticker;
  }

  /// What keeps a process from beginning here.
  ///
  /// @param what disk, read_only, memory, load or spawn_rate
  /// @param detail for people, with figure and limit
  record Shortage(String what, String detail) {
    Refusal refusal() {
      return new Refusal(Reason.NO_CAPACITY, detail).with("short_of", what);
    }
  }

  /// What is short now; empty when a process may begin.
  Optional<Shortage> shortage() {
    Optional<Shortage> ofMachine = ofMachine(machine.get());
    return ofMachine.isPresent() || startsLeft() > 0 ? ofMachine : Optional.of(tooMany());
  }

  /// Counts a start, or refuses it.
  ///
  /// @throws Refusal NO_CAPACITY naming what is short
  void admit() {
    var shortage = ofMachine(machine.get());
    if (shortage.isPresent()) {
      throw shortage.get().refusal();
    }
    countSpawn();
  }

  private Optional<Shortage> ofMachine(Machine.Load load) {
    var set = config.get();
    var limits = set.guards();
    if (!load.writable()) {
      return shortage(
          "read_only",
          "the data root %s cannot be written to; mount it read-write, or let this node's user write"
              .formatted(set.dataDir()));
    }
    if (load.diskPercent() >= limits.diskPercent()) {
      return shortage(
          "disk",
          "the disk of %s is %.0f %% full and no job starts from %.0f %%; free some space"
              .formatted(set.dataDir(), load.diskPercent(), limits.diskPercent()));
    }
    if (load.memoryPercent() >= limits.memoryPercent()) {
      return shortage(
          "memory",
          "%.0f %% of the memory is in use and no job starts from %.0f %%; wait until some ended"
              .formatted(load.memoryPercent(), limits.memoryPercent()));
    }
    if (load.load1PerCpu() >= limits.loadPerCpu()) {
      return shortage(
          "load",
          "the load average is %.1f per processor and no job starts from %.1f; wait until it falls"
              .formatted(load.load1PerCpu(), limits.loadPerCpu()));
    }
    return Optional.empty();
  }

  private static Optional<Shortage> shortage(String what, String detail) {
    return Optional.of(new Shortage(what, detail));
  }

  /// Processes that may still begin within this minute.
  synchronized int startsLeft() {
    Moment now = ticker.now();
    while (!spawns.isEmpty() && now.since(spawns.peekFirst()).compareTo(WINDOW) > 0) {
      spawns.removeFirst();
    }
    return Math.max(0, config.get().guards().spawnsPerMinute() - spawns.size());
  }

  private synchronized void countSpawn() {
    if (startsLeft() == 0) {
      throw tooMany().refusal();
    }
    spawns.addLast(ticker.now());
  }

  private Shortage tooMany() {
    return new Shortage(
        "spawn_rate",
        config.get().guards().spawnsPerMinute()
            + " processes began here within the last minute; the next one may when the first of"
            + " them is a minute past");
  }
}
