package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.Glob;
import io.ringrift.managers.sync.PeerCap;
import io.ringrift.managers.sync.SyncConfig;
import io.ringrift.node.config.NodeConfig.Gc;
import io.ringrift.node.config.NodeConfig.Sync;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// Reads how files are kept alike on the nodes.
record SyncSection(Settings settings, YamlFile file, Faults faults) {
  private static final long LEAST_RANGED = 1 << 20;
  private static final String OVERRIDES = "sync.peer_bandwidth_overrides";

  /// Where the original's files have them, in megabytes a second.
  private static final String ORIGINAL_OVERRIDES = "auto_sync.host_bandwidth_overrides";

  private static final int MOST_OVERRIDES = 64;

  /// Megabytes a second that no network carries: 100 GB/s, and 1 TB/s.
  private static final BigDecimal HARDLY_MEGABYTES = BigDecimal.valueOf(100_000);

  private static final BigDecimal SURELY_BYTES = BigDecimal.valueOf(1_000_000);

  Sync read() {
    return new Sync(
        settings.read(Key.SYNC_INTERVAL, Duration.ofMinutes(1), ConfigLoader::gap),
        settings.read(Key.REPLICATION_TARGET, 1, (f, t) -> Quantities.whole(f, t, 0, 1000)),
        settings.read(Key.SYNC_CONCURRENT, 1, (f, t) -> Quantities.whole(f, t, 1, 64)),
        receivers(),
        new NodeConfig.Caps(
            read(Key.SYNC_BANDWIDTH, 0L, SyncSection::bandwidth, this::megabytes),
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
    return new NodeConfig.Receivers(
        read(
            Key.SYNC_MAX_DISK,
            0,
            (f, t) -> t.isEmpty() ? 0 : Quantities.whole(f, t, 1, 100),
            (f, t) -> percent(f, t, 100)),
        read(
            Key.SYNC_MIN_FREE,
            0,
            (f, t) -> Quantities.whole(f, t, 0, 99),
            (f, t) -> percent(f, t, 99)),
        globs(Key.SYNC_EXCLUDED),
        globs(Key.SYNC_PREFERRED));
  }

  /// What stands under the original's name was long ignored: null says nothing, and what cannot be
  /// taken is warned of, for it may not keep a node from starting.
  private <T> T read(
      Key key,
      T standIn,
      BiFunction<String, String, T> ours,
      BiFunction<String, String, T> original) {
    String text = settings.text(key);
    var place = settings.original(key);
    if (place.isEmpty()) {
      return faults.guard(standIn, () -> ours.apply(settings.label(key), text));
    }
    Optional<T> value =
        text.isEmpty()
            ? Optional.empty()
            : taken(place.get(), () -> original.apply(place.get(), text));
    return value.orElseGet(
        () -> {
          settings.ignore(key);
          return ours.apply(key.path(), key.fallback());
        });
  }

  /// The value; empty after a warning.
  private <T> Optional<T> taken(String field, Supplier<T> value) {
    try {
      return Optional.of(value.get());
    } catch (Refusal refusal) {
      faults.warn(file.name() + ": " + field + " has no effect: " + refusal.text());
      return Optional.empty();
    }
  }

  /// 0 is as good as none.
  private static int percent(String field, String text, int most) {
    String plain = text.strip().replaceFirst("\\s*%$", "");
    if (plain.matches("\\d{1,3}(\\.\\d{1,9})?")) {
      var value = new BigDecimal(plain);
      boolean share = value.signum() > 0 && value.compareTo(BigDecimal.ONE) < 0;
      if (!share && value.compareTo(BigDecimal.valueOf(most)) <= 0) {
        return value.intValue();
      }
    }
    throw Refusal.invalid(field, text, "a percentage from 1 to " + most);
  }

  /// Names or globs; in the original's files also `{name: …}`, with more that is told as ignored.
  private List<String> globs(Key key) {
    String original = key.otherPaths().getFirst();
    var items = file.at(original).orElse(NullNode.getInstance());
    boolean named =
        settings.given(key).isEmpty() && items.valueStream().anyMatch(JsonNode::isObject);
    var globs =
        named
            ? items.valueStream().map(SyncSection::name).filter(one -> !one.isEmpty()).toList()
            : Topology.split(settings.text(key));
    boolean theirs = named || settings.original(key).isPresent();
    if (theirs && items.isArray() && items.size() > globs.size()) {
      faults.warn(file.name() + ": " + original + ": an entry without a name has no effect");
    }
    if (named) {
      settings.show(key.path(), String.join(",", globs), Origin.FILE);
      warnOfMore(original, items);
    }
    String label = settings.label(key);
    if (theirs) {
      return globs.stream()
          .flatMap(glob -> taken(original, () -> Glob.checked(original, glob)).stream())
          .toList();
    }
    return globs.stream().map(glob -> faults.guard("*", () -> Glob.checked(label, glob))).toList();
  }

  private static String name(JsonNode item) {
    var name = item.isObject() ? item.path(item.has("name") ? "name" : "host") : item;
    return name.isNull() ? "" : name.asText();
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
                ? overrides(OVERRIDES, false)
                : overrides(ORIGINAL_OVERRIDES, true));
    for (var host : file.at("hosts").orElse(NullNode.getInstance()).properties()) {
      var told = host.getValue().path("bandwidth_mbps");
      String field = "hosts." + host.getKey() + ".bandwidth_mbps";
      if (!told.isMissingNode() && !told.isNull()) {
        taken(field, () -> megabits(field, told.asText()))
            .filter(cap -> cap > 0)
            .flatMap(cap -> taken(field, () -> new PeerCap(host.getKey(), cap)))
            .ifPresent(caps::add);
      }
    }
    return List.copyOf(caps);
  }

  private static long megabits(String field, String text) {
    String plain = text.strip();
    if (plain.matches("\\d{1,7}(\\.\\d{1,9})?")) {
      long cap = new BigDecimal(plain).multiply(BigDecimal.valueOf(125_000)).longValue();
      SyncConfig.requireMoving(field, cap, SyncConfig.IDLE_TIMEOUT);
      return cap;
    }
    throw Refusal.invalid(field, text, "a number of megabits a second");
  }

  private static Duration partialAge(String field, String text) {
    Duration age = Quantities.duration(field, text);
    if (age.compareTo(Duration.ofMinutes(1)) < 0) {
      throw Refusal.invalid(field, text, "at least 1m");
    }
    return age;
  }

  /// @param original values are read as the original's
  private List<PeerCap> overrides(String section, boolean original) {
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
      if (original && entry.getValue().isNull()) {
        continue;
      }
      String text = original ? withUnit(field, told) : told;
      Supplier<PeerCap> read = () -> new PeerCap(entry.getKey(), bandwidth(field, text));
      var cap =
          original
              ? taken(field, read)
              : faults.guard(Optional.<PeerCap>empty(), () -> Optional.of(read.get()));
      cap.ifPresent(
          one -> {
            caps.add(one);
            shown.add(one.glob() + "=" + text);
          });
    }
    // In the order of the file, which counts.
    settings.show(OVERRIDES, String.join(",", shown), Origin.FILE);
    return caps;
  }

  private long megabytes(String field, String text) {
    return bandwidth(field, withUnit(field, text));
  }

  /// A plain number in the original's files is one of megabytes, unless nothing is that fast.
  private String withUnit(String field, String text) {
    String plain = text.strip();
    if (!plain.matches("\\d{1,12}(\\.\\d{1,9})?")) {
      return text;
    }
    var number = new BigDecimal(plain);
    boolean bytes = number.compareTo(SURELY_BYTES) >= 0;
    if (number.compareTo(HARDLY_MEGABYTES) > 0) {
      faults.warn(
          "%s: %s: %s is read as %s a second; write the unit, such as 100MB"
              .formatted(file.name(), field, plain, bytes ? "bytes" : "megabytes"));
    }
    return bytes ? plain : plain + "MB";
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
