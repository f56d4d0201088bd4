package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.managers.sync.Garbage.Found;
import io.ringrift.managers.sync.Garbage.Kind;
import io.ringrift.sync.v1.GarbageFile;
import io.ringrift.sync.v1.NodeGarbage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/// Removes this node's copies of what nobody needs and enough others hold. Before a copy goes, as
/// many other nodes as the replication target says have read theirs again, found the same hash, and
/// promised to keep it, none of which drains, for it may be gone soon; a node that is removing a
/// copy, or has promised one, does not count on the other's. So copies never become fewer than the
/// target, whatever nodes decide at the same time. Blocks on disk and network; one round at a time.
final class GarbageCollector {
  /// Files that are judged in a round, beside those that this node keeps anyway.
  private static final int MOST_A_ROUND = 1000;

  /// Confirmations that are older than this are asked for again.
  private static final Duration FRESH = Pins.KEPT.dividedBy(5);

  private final Services services;
  private final SyncConfig config;
  private final Ticker ticker;
  private final Parts parts;
  private final Confirmations confirmations;
  private final SyncEvents events;
  private final SyncCounters counters;
  private final ReentrantLock rounds = new ReentrantLock();

  /// Where the next round begins. Under the lock of rounds.
  private int next;

  /// What it works with.
  record Parts(
      ManifestScanner scanner,
      Underway underway,
      Pins pins,
      GarbageSource source,
      SyncTargets targets) {}

  GarbageCollector(
      Services services,
      SyncConfig config,
      Ticker ticker,
      Parts parts,
      Confirmations confirmations,
      SyncEvents events,
      SyncCounters counters) {
    this.services = services;
    this.config = config;
    this.ticker = ticker;
    this.parts = parts;
    this.confirmations = confirmations;
    this.events = events;
    this.counters = counters;
  }

  /// @throws io.ringrift.kernel.Refusal when the scan fails, or nobody tells which runs and models
  ///   there are, or who drains
  NodeGarbage collect(boolean dryRun) throws InterruptedException {
    rounds.lock();
    try {
      var outcome = NodeGarbage.newBuilder().setNodeId(services.self().value());
      if (config.replicationTarget() > 0) {
        judge(parts.source().found(), dryRun, outcome);
      }
      tell(outcome, dryRun);
      return outcome.build();
    } finally {
      rounds.unlock();
    }
  }

  /// Goes on behind the place where the last round ended, so that files that have to stay do not
  /// keep it from the others.
  private void judge(List<GarbageSource.Place> found, boolean dryRun, NodeGarbage.Builder outcome)
      throws InterruptedException {
    int first = found.isEmpty() ? 0 : next % found.size();
    var line = new ArrayList<>(found);
    Collections.rotate(line, -first);
    var others = new ArrayList<>(confirmations.others());
    others.removeAll(line.isEmpty() ? Set.of() : parts.targets().copies().leaving());
    int judged = 0;
    int seen = 0;
    while (seen < line.size() && judged < MOST_A_ROUND) {
      var part = line.subList(seen, Math.min(line.size(), seen + MOST_A_ROUND));
      var contents = part.stream().map(place -> place.found().content()).toList();
      var holders = confirmations.holders(others, contents, false);
      for (var place : part) {
        var held = holders.getOrDefault(place.found().content().path(), new TreeSet<>());
        seen++;
        if (!isKeeper(place.found(), held)) {
          judged++;
          judge(place, held, dryRun, outcome);
        }
        if (judged == MOST_A_ROUND) {
          break;
        }
      }
    }
    if (!dryRun) {
      next = seen < line.size() ? Math.max(0, first + seen - outcome.getRemovedCount()) : 0;
    }
  }

  private void judge(
      GarbageSource.Place place,
      SortedSet<NodeId> held,
      boolean dryRun,
      NodeGarbage.Builder outcome)
      throws InterruptedException {
    if (held.size() < config.replicationTarget()) {
      outcome.addKept(message(place.found(), held, fewer(held.size())));
    } else if (dryRun) {
      outcome.addRemoved(message(place.found(), held, ""));
    } else {
      remove(place, held, outcome);
    }
  }

  /// The first holders keep theirs, so that those who keep and those who remove do not wait for
  /// each other.
  private boolean isKeeper(Found found, SortedSet<NodeId> others) {
    return found.kind() != Kind.ASIDE
        && others.headSet(services.self()).size() < config.replicationTarget();
  }

  private void remove(
      GarbageSource.Place place, SortedSet<NodeId> held, NodeGarbage.Builder outcome)
      throws InterruptedException {
    Found found = place.found();
    String path = found.content().path();
    if (!parts.underway().begin(path)) {
      outcome.addKept(message(found, held, "it is being received or removed; next time"));
      return;
    }
    try {
      if (found.kind() != Kind.ASIDE && parts.pins().keeps(path)) {
        outcome.addKept(message(found, held, "another node counts on this copy"));
        return;
      }
      Moment asked = ticker.now();
      var keepers =
          confirmations
              .holders(
                  held.stream().limit(config.replicationTarget()).toList(),
                  List.of(found.content()),
                  true)
              .getOrDefault(path, new TreeSet<>());
      if (keepers.size() < config.replicationTarget()) {
        outcome.addKept(message(found, keepers, fewer(keepers.size())));
      } else if (ticker.now().since(asked).compareTo(FRESH) > 0) {
        outcome.addKept(message(found, keepers, "the confirmations took too long; next time"));
      } else {
        delete(place, keepers, outcome);
      }
    } finally {
      parts.underway().end(path);
    }
  }

  private void delete(
      GarbageSource.Place place, SortedSet<NodeId> keepers, NodeGarbage.Builder outcome) {
    Content content = place.found().content();
    try {
      if (!FileDigest.of(place.file()).equals(content.sha256())) {
        outcome.addKept(message(place.found(), keepers, "it is another content by now"));
        return;
      }
      Files.delete(place.file());
      DurableFiles.syncFolderOf(place.file());
      if (place.found().kind() != Kind.ASIDE) {
        parts.scanner().forget(content.path());
      }
      outcome
          .addRemoved(message(place.found(), keepers, ""))
          .setBytesRemoved(outcome.getBytesRemoved() + content.size());
    } catch (IOException e) {
      outcome.addKept(message(place.found(), keepers, "it cannot be removed: " + e));
    }
  }

  private String fewer(int confirmed) {
    return confirmed
        + " other nodes hold it with this hash; "
        + config.replicationTarget()
        + " have to";
  }

  private static GarbageFile message(Found found, SortedSet<NodeId> holders, String reason) {
    return GarbageFile.newBuilder()
        .setPath(found.content().path())
        .setSizeBytes(found.content().size())
        .setSha256(found.content().sha256())
        .setKind(found.kind().name().toLowerCase(Locale.ROOT))
        .addAllHolderNodeIds(holders.stream().map(NodeId::value).toList())
        .setReason(reason)
        .build();
  }

  private void tell(NodeGarbage.Builder outcome, boolean dryRun) {
    counters.set(SyncCounters.GARBAGE_KEPT, outcome.getKeptCount());
    if (dryRun || outcome.getRemovedCount() == 0) {
      return;
    }
    counters.add(SyncCounters.GARBAGE_REMOVED, outcome.getRemovedCount());
    counters.add(SyncCounters.GARBAGE_BYTES, outcome.getBytesRemoved());
    events.record(
        SyncEvents.GARBAGE_REMOVED,
        services.self().value(),
        Map.of(
            "files", Integer.toString(outcome.getRemovedCount()),
            "bytes", Long.toString(outcome.getBytesRemoved())));
  }
}
