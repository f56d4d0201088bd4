package io.ringrift.managers.job;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;

/// The worker's own guards before a start (SPEC 5.4): how many within a minute, how full the disk
/// is.
final class SpawnGuards {
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final ProcessConfig config;
  private final Ticker ticker;
  private final ArrayDeque<Moment> spawns = new ArrayDeque<>();

  SpawnGuards(ProcessConfig config, Ticker ticker) {
    this.config = config;
    this.ticker = ticker;
  }

  /// Counts a start, or refuses it.
  ///
  /// @throws Refusal NO_CAPACITY naming what is short
  void admit() {
    double used = diskPercent();
    if (used >= config.maxDiskPercent()) {
      throw new Refusal(
              Reason.NO_CAPACITY,
              "the disk of %s is %.0f %% full and no job starts from %.0f %%; free some space"
                  .formatted(config.dataDir(), used, config.maxDiskPercent()))
          .with("short_of", "disk");
    }
    countSpawn();
  }

  private synchronized void countSpawn() {
    Moment now = ticker.now();
    while (!spawns.isEmpty() && now.since(spawns.peekFirst()).compareTo(WINDOW) > 0) {
      spawns.removeFirst();
    }
    if (spawns.size() >= config.spawnsPerMinute()) {
      throw new Refusal(
              Reason.NO_CAPACITY,
              config.spawnsPerMinute()
                  + " processes began here within the last minute; wait, or raise"
                  + " spawns_per_minute")
          .with("short_of", "spawn_rate");
    }
    spawns.addLast(now);
  }

  /// Used share of the data root's disk, 0..100.
  double diskPercent() {
    try {
      Files.createDirectories(config.dataDir());
      var store = Files.getFileStore(config.dataDir());
      long total = store.getTotalSpace();
      return total == 0 ? 0 : 100.0 * (total - store.getUsableSpace()) / total;
    } catch (IOException e) {
      throw DurableFile.failed("read the use of the disk of " + config.dataDir(), e);
    }
  }

  /// Free bytes of the data root's disk.
  long diskFree() {
    try {
      return Files.getFileStore(config.dataDir()).getUsableSpace();
    } catch (IOException e) {
      throw DurableFile.failed("read the use of the disk of " + config.dataDir(), e);
    }
  }
}
