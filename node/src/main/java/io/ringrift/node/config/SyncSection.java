package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.Glob;
import io.ringrift.managers.sync.PeerCap;
import io.ringrift.managers.sync.SyncConfig;
import io.ringrift.node.config.NodeConfig.Gc;
import io.ringrift.node.config.NodeConfig.Sync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        receivers(),
        new NodeConfig.Caps(
            settings.read(Key.SYNC_BANDWIDTH, 0L, SyncSection::bandwidth),
            settings.read(Key.SYNC_PEER_BANDWIDTH, 0L, SyncSection::bandwidth),
            caps(),
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

  private NodeConfig.Receivers receivers() {
    String most = settings.text(Key.SYNC_MAX_DISK);
    int maxDisk =
        most.isEmpty()
            ? 0
            : faults.guard(
                0, () -> Quantities.whole(settings.label(Key.SYNC_MAX_DISK), most, 1, 100));
    return new NodeConfig.Receivers(
        maxDisk,
        settings.read(Key.SYNC_MIN_FREE, 0, (f, t) -> Quantities.whole(f, t, 0, 99)),
        globs(Key.SYNC_EXCLUDED),
        globs(Key.SYNC_PREFERRED));
  }

  /// Names or globs; in the original's files also `{name: …}`, with more that is told as ignored.
  private List<String> globs(Key key) {
    String original = key.otherPaths().getFirst();
    var items = file.at(original).orElse(NullNode.getInstance());
    boolean named =
        settings.given(key).isEmpty() && items.valueStream().anyMatch(JsonNode::isObject);
    var globs =
        named
            ? items.valueStream().map(SyncSection::name).toList()
            : Topology.split(settings.text(key));
    if (named) {
      settings.show(key.path(), String.join(",", globs), Origin.FILE);
      warnOfMore(original, items);
    }
    String label = settings.label(key);
    return globs.stream().map(glob -> faults.guard("*", () -> Glob.checked(label, glob))).toList();
  }

  private static String name(JsonNode item) {
    return item.isObject() ? item.path("name").asText(item.path("host").asText()) : item.asText();
  }

  private void warnOfMore(String field, JsonNode items) {
    items
        .valueStream()
        .flatMap(item -> item.properties().stream())
        .map(Map.Entry::getKey)
        .filter(name -> !name.equals("name") && !name.equals("host"))
        .distinct()
        .forEach(
            name ->
                faults.warn(
                    file.name()
                        + ": "
                        + field
                        + ".*."
                        + name
                        + " has no effect: what is said of a node counts for all its files"));
  }

  /// Those of the file, and behind them what hosts say of their own lines.
  private List<PeerCap> caps() {
    var caps =
        new ArrayList<>(
            file.at(OVERRIDES).isPresent()
                ? overrides(OVERRIDES, "")
                : overrides(ORIGINAL_OVERRIDES, "MB"));
    for (var host : file.at("hosts").orElse(NullNode.getInstance()).properties()) {
      String megabits = host.getValue().path("bandwidth_mbps").asText();
      String field = "hosts." + host.getKey() + ".bandwidth_mbps";
      if (!megabits.isEmpty()) {
        faults
            .guard(
                Optional.<PeerCap>empty(),
                () -> Optional.of(new PeerCap(host.getKey(), megabits(field, megabits))))
            .ifPresent(caps::add);
      }
    }
    return List.copyOf(caps);
  }

  private static long megabits(String field, String text) {
    return Quantities.whole(field, text, 1, 1_000_000) * 125_000L;
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

  /// A plain number in the original's files is one of megabytes.
  private static long bandwidth(String field, String text) {
    boolean plain = text.matches("\\d+(\\.\\d+)?");
    boolean original = plain && field.contains("auto_sync.bandwidth_limit");
    long cap = Quantities.bytes(field, original ? text + "MB" : text);
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
