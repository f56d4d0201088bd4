package io.ringrift.managers.sync;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The manifests of all alive nodes, fetched as a whole once and by digest afterwards. Blocks; one
/// collection at a time is the caller's business. What a node says is bounded and checked before it
/// is believed (RELIABILITY S4).
final class ManifestCollection {
  /// A manifest of the greatest allowed number of files stays below.
  private static final int MOST_BYTES = 64 << 20;

  private final Services services;
  private final Membership membership;
  private final Duration timeout;
  private final SyncCounters counters;
  private final Supplier<Instant> wallClock;
  private volatile Map<NodeId, Manifest> known = Map.of();
  private volatile Optional<Collected> last = Optional.empty();

  ManifestCollection(
      Services services, Membership membership, Duration timeout, SyncCounters counters) {
    this(services, membership, timeout, counters, Instant::now);
  }

  /// @param wallClock what times of files are told by, whichever node they lie at
  ManifestCollection(
      Services services,
      Membership membership,
      Duration timeout,
      SyncCounters counters,
      Supplier<Instant> wallClock) {
    this.services = services;
    this.membership = membership;
    this.timeout = timeout;
    this.counters = counters;
    this.wallClock = wallClock;
  }

  /// @param manifests by node
  /// @param failures cause by node, for those that did not answer in time or not well
  record Collected(SortedMap<NodeId, Manifest> manifests, SortedMap<NodeId, String> failures) {
    SortedMap<NodeId, List<Content>> holdings() {
      var holdings = new TreeMap<NodeId, List<Content>>();
      manifests.forEach(
          (node, manifest) ->
              holdings.put(node, manifest.getFilesList().stream().map(Content::of).toList()));
      return holdings;
    }

    /// Paths of which every copy was written less than so long before. A time far ahead is no
    /// recent one.
    Set<String> newerThan(Duration age, Instant before) {
      var newer = new HashSet<String>();
      var older = new HashSet<String>();
      for (Manifest manifest : manifests.values()) {
        for (FileEntry entry : manifest.getFilesList()) {
          var is = Duration.between(TheirClock.instant(entry.getModifiedTime()), before).abs();
          (is.compareTo(age) < 0 ? newer : older).add(entry.getPath());
        }
      }
      newer.removeAll(older);
      return newer;
    }

    /// Every node that answered holds the same.
    boolean identical() {
      return manifests.values().stream().map(Manifest::getDigest).distinct().count() == 1;
    }

    /// Says whether another collection found the same files on the same nodes.
    boolean finds(Collected other) {
      return digests().equals(other.digests());
    }

    private Map<NodeId, String> digests() {
      var digests = new TreeMap<NodeId, String>();
      manifests.forEach((node, manifest) -> digests.put(node, manifest.getDigest()));
      return digests;
    }
  }

  /// What times of files are told by.
  Instant now() {
    return wallClock.get();
  }

  /// Asks every alive node to scan and tell.
  Collected collect() throws InterruptedException {
    var alive = membership.members().stream().filter(Member::alive).map(Member::id).toList();
    var before = known;
    var outcome = Fanout.ask(alive, timeout, node -> ask(node, before.get(node)));
    known = new HashMap<>(outcome.answers());
    var collected =
        new Collected(new TreeMap<>(outcome.answers()), new TreeMap<>(outcome.failures()));
    last = Optional.of(collected);
    counters.collected();
    return collected;
  }

  /// The last collection when it is younger than this, else a new one.
  Collected collectedWithin(Duration age) throws InterruptedException {
    var before = last.filter(_ -> counters.collectedWithin(age));
    return before.isPresent() ? before.get() : collect();
  }

  private Manifest ask(NodeId node, @Nullable Manifest before) {
    Channel channel = node.equals(services.self()) ? services.local() : services.on(node);
    try {
      Instant asked = wallClock.get();
      var response =
          SyncServiceGrpc.newBlockingStub(channel)
              .withMaxInboundMessageSize(MOST_BYTES)
              .withDeadlineAfter(timeout)
              .getManifest(
                  GetManifestRequest.newBuilder()
                      .setKnownDigest(before == null ? "" : before.getDigest())
                      .build());
      if (response.getUnchanged() && before != null) {
        return before;
      }
      check(node, response.getManifest());
      return TheirClock.byOurs(response.getManifest(), asked, wallClock.get());
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  private static void check(NodeId node, Manifest manifest) {
    if (manifest.getFilesCount() > ManifestScanner.MOST_FILES) {
      throw lie(node, manifest.getFilesCount() + " files");
    }
    var paths = new HashSet<String>();
    for (FileEntry entry : manifest.getFilesList()) {
      SafePath.check(entry.getPath());
      if (!FileDigest.isSha256(entry.getSha256()) || entry.getSizeBytes() < 0) {
        throw lie(node, "no valid size and hash for " + entry.getPath());
      }
      if (!paths.add(entry.getPath())) {
        throw lie(node, entry.getPath() + " twice");
      }
    }
  }

  private static Refusal lie(NodeId node, String what) {
    return new Refusal(
        Reason.INVALID_ARGUMENT, "manifest of " + node + " names " + what + "; not believed");
  }
}
