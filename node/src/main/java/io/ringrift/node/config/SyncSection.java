package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.PeerCap;
import io.ringrift.managers.sync.SyncConfig;
import io.ringrift.node.config.NodeConfig.Gc;
import io.ringrift.node.config.NodeConfig.Sync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads how files are kept alike on the nodes.
record SyncSection(Settings settings, YamlFile file, Faults faults) {
  private static final long LEAST_RANGED = 1 << 20;
  private static final String OVERRIDES = "sync.peer_bandwidth_overrides";

  /// Where the original's files have them, in megabytes a second.
  private static final String ORIGINAL_OVERRIDES = "auto_sync.host_bandwidth_overrides";

  private static final int MOST_OVERRIDES = 64;

  Sync read() {
    return new Sync(
        settings.read(Key.SYNC_INTERVAL, Duration.ofMinutes(1), ConfigLoader::gap),
        settings.read(Key.REPLICATION_TARGET, 1, (f, t) -> Quantities.whole(f, t, 0, 1000)),
        settings.read(Key.SYNC_CONCURRENT, 1, (f, t) -> Quantities.whole(f, t, 1, 64)),
        new NodeConfig.Caps(
            settings.read(Key.SYNC_BANDWIDTH, 0L, SyncSection::bandwidth),
            settings.read(Key.SYNC_PEER_BANDWIDTH, 0L, SyncSection::bandwidth),
            file.at(OVERRIDES).isPresent()
                ? overrides(OVERRIDES, "")
                : overrides(ORIGINAL_OVERRIDES, "MB"),
            settings.read(Key.SYNC_MAX_PER_PEER, 1, (f, t) -> Quantities.whole(f, t, 1, 64))),
        new NodeConfig.Ranges(
            settings.read(Key.SYNC_RANGES_FROM, LEAST_RANGED, SyncSection::rangesFrom),
            settings.read(Key.SYNC_MAX_SOURCES, 1, (f, t) -> Quantities.whole(f, t, 1, 16))),
        settings.read(Key.SYNC_PARTIAL_AGE, Duration.ofHours(24), SyncSection::partialAge),
        new Gc(
            settings.read(Key.SYNC_GC, true, Quantities::flag),
            settings.read(Key.SYNC_GC_MODELS, 0, (f, t) -> Quantities.whole(f, t, 0, 1000)),
            settings.read(Key.SYNC_GC_AGE, Duration.ofHours(24), ConfigLoader::gap)));
  }

  private static Duration partialAge(String field, String text) {
    Duration age = Quantities.duration(field, text);
    if (age.compareTo(Duration.ofMinutes(1)) < 0) {
      throw Refusal.invalid(field, text, "at least 1m");
    }
    return age;
  }

  /// @param unit of a plain number
  private List<PeerCap> overrides(String section, String unit) {
    JsonNode node = file.at(section).orElse(NullNode.getInstance());
    if (node.isNull()) {
      return List.of();
    }
    if (!node.isObject() || node.size() > MOST_OVERRIDES) {
      faults.invalid(
          section,
          node.toString(),
          "a mapping of at most " + MOST_OVERRIDES + " globs of node ids to bytes a second");
      return List.of();
    }
    var caps = new ArrayList<PeerCap>();
    var shown = new ArrayList<String>();
    for (var entry : node.properties()) {
      String field = section + "." + entry.getKey();
      String told = entry.getValue().asText();
      String text = entry.getValue().isNumber() ? told + unit : told;
      shown.add(entry.getKey() + "=" + text);
      faults
          .guard(
              Optional.<PeerCap>empty(),
              () -> Optional.of(new PeerCap(entry.getKey(), bandwidth(field, text))))
          .ifPresent(caps::add);
    }
    // In the order of the file, which counts.
    settings.show(OVERRIDES, String.join(",", shown), Origin.FILE);
    return caps;
  }

  private static long bandwidth(String field, String text) {
    long cap = Quantities.bytes(field, text);
    SyncConfig.requireMoving(field, cap, SyncConfig.IDLE_TIMEOUT);
    return cap;
  }

  private static long rangesFrom(String field, String text) {
    long size = Quantities.bytes(field, text);
    if (size < LEAST_RANGED) {
      throw Refusal.invalid(field, text, "at least 1MiB");
    }
    return size;
  }
}
