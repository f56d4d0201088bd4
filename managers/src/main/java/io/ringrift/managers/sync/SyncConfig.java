package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Settings of data sync; defaults as SPEC 5.3.
///
/// @param dataRoot folder that holds selfplay, models, training and games
/// @param manifestInterval gap between scans
/// @param syncInterval gap between sync rounds of the leader
/// @param requestTimeout longest wait for a manifest
/// @param transferTimeout longest pull of one request
/// @param idleTimeout longest wait for the next chunk
/// @param partialAge what is left of a transfer is removed when nobody went on with it for so long
/// @param replicationTarget nodes that shall hold each file; 0 means every node
/// @param maxConcurrentPulls files that this node receives at once
/// @param caps how fast files are received, and how many from one peer
/// @param receivers who receives by plans, and how much
/// @param gc what is removed
/// @param ranges what comes from several sources at once
public record SyncConfig(
    Path dataRoot,
    Duration manifestInterval,
    Duration syncInterval,
    Duration requestTimeout,
    Duration transferTimeout,
    Duration idleTimeout,
    Duration partialAge,
    int replicationTarget,
    int maxConcurrentPulls,
    Caps caps,
    Receivers receivers,
    Gc gc,
    Ranges ranges) {
  /// Default of `idleTimeout`.
  public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  /// Bounds of what a node receives.
  ///
  /// @param bytesPerSecond all transfers together; 0 means no cap
  /// @param peerBytesPerSecond all transfers from one peer together; 0 means no cap
  /// @param overrides in place of `peerBytesPerSecond`: the first that covers a peer counts
  /// @param maxPerPeer transfers from one peer at once
  public record Caps(
      long bytesPerSecond, long peerBytesPerSecond, List<PeerCap> overrides, int maxPerPeer) {
    /// @throws Refusal INVALID_ARGUMENT naming the setting
    public Caps {
      overrides = List.copyOf(overrides);
      within("sync.bandwidth", bytesPerSecond, 0, Long.MAX_VALUE);
      within("sync.peer_bandwidth", peerBytesPerSecond, 0, Long.MAX_VALUE);
      within("sync.max_per_peer", maxPerPeer, 1, 64);
    }

    /// Every default.
    public static Caps defaults() {
      return new Caps(0, 0, List.of(), 4);
    }

    /// Bytes a second of all transfers from that peer together; 0 means no cap.
    long ofPeer(NodeId peer) {
      return overrides.stream()
          .filter(cap -> cap.covers(peer))
          .findFirst()
          .map(PeerCap::bytesPerSecond)
          .orElse(peerBytesPerSecond);
    }
  }

  /// Who receives by plans.
  ///
  /// @param maxDiskPercent nothing is received that would fill the disk beyond
  /// @param fetchDiskPercent the same for what this node itself asks for, such as inputs of jobs: a
  ///   node that placement chose must be able to get them
  /// @param excluded globs of nodes that are brought nothing
  /// @param preferred globs of nodes that are brought copies before others
  public record Receivers(
      int maxDiskPercent, int fetchDiskPercent, List<String> excluded, List<String> preferred) {
    /// @throws Refusal INVALID_ARGUMENT naming the setting
    public Receivers {
      within("sync.max_disk_percent", maxDiskPercent, 1, 100);
      within("sync.fetch_disk_percent", fetchDiskPercent, maxDiskPercent, 100);
      excluded.forEach(glob -> Glob.checked("sync.excluded_hosts", glob));
      preferred.forEach(glob -> Glob.checked("sync.priority_hosts", glob));
      excluded = List.copyOf(excluded);
      preferred = List.copyOf(preferred);
    }

    /// All nodes alike.
    public static Receivers upTo(int maxDiskPercent) {
      return new Receivers(maxDiskPercent, maxDiskPercent, List.of(), List.of());
    }
  }

  /// Files that several nodes send at once, each other ranges.
  ///
  /// @param fromBytes size of the smallest such file
  /// @param maxSources nodes that send one file at once
  /// @param rangeBytes size of a range; greater for a file of more than 4096
  public record Ranges(long fromBytes, int maxSources, long rangeBytes) {
    /// @throws Refusal INVALID_ARGUMENT naming the setting
    public Ranges {
      within("sync.ranges_from", fromBytes, 1 << 20, Long.MAX_VALUE);
      within("sync.max_sources", maxSources, 1, 16);
      within("sync.range_bytes", rangeBytes, 1 << 16, 1 << 30);
    }

    /// Every default.
    public static Ranges defaults() {
      return of(64 << 20, 4);
    }

    /// With ranges of the usual size: large enough that a wait for the disk after each costs
    /// little.
    public static Ranges of(long fromBytes, int maxSources) {
      return new Ranges(fromBytes, maxSources, 16 << 20);
    }
  }

  /// Copies that nobody needs.
  ///
  /// @param enabled the loop removes them by itself
  /// @param keepModels newest models out of office that stay, for each configuration
  /// @param age nothing younger is removed
  public record Gc(boolean enabled, int keepModels, Duration age) {
    /// @throws Refusal INVALID_ARGUMENT naming the setting
    public Gc {
      within("sync.gc_keep_models", keepModels, 0, 1000);
      positive("sync.gc_age", age);
    }

    /// Every default.
    public static Gc defaults() {
      return new Gc(true, 5, Duration.ofHours(24));
    }
  }

  /// @throws Refusal INVALID_ARGUMENT naming the setting
  public SyncConfig {
    positive("sync.manifest_interval", manifestInterval);
    positive("sync.sync_interval", syncInterval);
    positive("sync.request_timeout", requestTimeout);
    positive("sync.transfer_timeout", transferTimeout);
    positive("sync.idle_timeout", idleTimeout);
    positive("sync.partial_age", partialAge);
    within("sync.replication_target", replicationTarget, 0, 1000);
    within("sync.max_concurrent_pulls", maxConcurrentPulls, 1, 64);
    requireMoving("sync.bandwidth", caps.bytesPerSecond(), idleTimeout);
    requireMoving("sync.peer_bandwidth", caps.peerBytesPerSecond(), idleTimeout);
    for (PeerCap cap : caps.overrides()) {
      requireMoving(
          "sync.peer_bandwidth_overrides." + cap.glob(), cap.bytesPerSecond(), idleTimeout);
    }
  }

  /// Nothing is received that would fill the disk beyond.
  int maxDiskPercent() {
    return receivers.maxDiskPercent();
  }

  /// A cap lets through at least a chunk in the time that a transfer waits for one.
  ///
  /// @param bytesPerSecond 0 means no cap
  /// @throws Refusal INVALID_ARGUMENT naming the setting
  public static void requireMoving(String name, long bytesPerSecond, Duration idle) {
    long least = Math.ceilDiv(FileSender.CHUNK * 1000L, Math.max(1, idle.toMillis()));
    if (bytesPerSecond != 0 && bytesPerSecond < least) {
      throw Refusal.invalid(
          name,
          Long.toString(bytesPerSecond),
          "0 (no cap) or at least "
              + least
              + " bytes a second, so that "
              + FileSender.CHUNK
              + " bytes pass within "
              + idle.toSeconds()
              + " s");
    }
  }

  /// Every default.
  public static SyncConfig defaults(Path dataRoot) {
    return new SyncConfig(
        dataRoot,
        Duration.ofSeconds(60),
        Duration.ofSeconds(300),
        Duration.ofSeconds(30),
        Duration.ofSeconds(600),
        IDLE_TIMEOUT,
        Duration.ofHours(24),
        0,
        4,
        Caps.defaults(),
        Receivers.upTo(90),
        Gc.defaults(),
        Ranges.defaults());
  }

  /// The same with other intervals.
  public SyncConfig withIntervals(Duration manifest, Duration sync) {
    return new SyncConfig(
        dataRoot,
        manifest,
        sync,
        requestTimeout,
        transferTimeout,
        idleTimeout,
        partialAge,
        replicationTarget,
        maxConcurrentPulls,
        caps,
        receivers,
        gc,
        ranges);
  }

  /// The same for what this node itself asks for.
  SyncConfig fetching() {
    return new SyncConfig(
        dataRoot,
        manifestInterval,
        syncInterval,
        requestTimeout,
        transferTimeout,
        idleTimeout,
        partialAge,
        replicationTarget,
        maxConcurrentPulls,
        caps,
        Receivers.upTo(receivers.fetchDiskPercent()),
        gc,
        ranges);
  }

  /// The same with another number of files at once.
  public SyncConfig withPulls(int most) {
    return new SyncConfig(
        dataRoot,
        manifestInterval,
        syncInterval,
        requestTimeout,
        transferTimeout,
        idleTimeout,
        partialAge,
        replicationTarget,
        most,
        caps,
        receivers,
        gc,
        ranges);
  }

  /// The same with other ranges.
  public SyncConfig withRanges(Ranges other) {
    return new SyncConfig(
        dataRoot,
        manifestInterval,
        syncInterval,
        requestTimeout,
        transferTimeout,
        idleTimeout,
        partialAge,
        replicationTarget,
        maxConcurrentPulls,
        caps,
        receivers,
        gc,
        other);
  }

  private static void positive(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw Refusal.invalid(name, value.toString(), "longer than zero");
    }
  }

  static void within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw Refusal.invalid(name, Long.toString(value), least + " to " + most);
    }
  }
}
