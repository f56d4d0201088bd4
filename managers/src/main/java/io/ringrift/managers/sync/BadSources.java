package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.sync.v1.CorruptSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Nodes that sent damaged content: told to the cluster, shown in the status, and not asked for
/// that content again for a while; and nodes that did not bring some content to its end, which are
/// asked for it last. Bounded: the oldest are forgotten first. Safe for any thread.
final class BadSources {
  static final Duration AVOIDED = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(BadSources.class);
  private static final int MOST = 1000;

  private final Ticker ticker;
  private final SyncEvents events;
  private final SyncCounters counters;
  private final Map<Sent, Note> notes = new LinkedHashMap<>();
  private final Map<Sent, Moment> late = new LinkedHashMap<>();

  private record Sent(NodeId node, String path, String sha256) {}

  private record Note(Moment at, String detail) {}

  BadSources(Ticker ticker, SyncEvents events, SyncCounters counters) {
    this.ticker = ticker;
    this.events = events;
    this.counters = counters;
  }

  /// Names a source that sent something else than it was asked for.
  void note(NodeId node, Content wanted, String detail) {
    synchronized (notes) {
      var sent = new Sent(node, wanted.path(), wanted.sha256());
      notes.remove(sent);
      notes.put(sent, new Note(ticker.now(), detail));
      if (notes.size() > MOST) {
        notes.remove(notes.keySet().iterator().next());
      }
    }
    LOG.warn("damaged content: {}", detail);
    counters.add(SyncCounters.CORRUPT_RECEIVED, 1);
    events.record(
        SyncEvents.SOURCE_CORRUPT,
        node.value(),
        Map.of("path", wanted.path(), "sha256", wanted.sha256(), "error", detail));
  }

  /// Remembers a source that failed or was too slow, so that others come before it next time.
  void late(NodeId node, Content wanted) {
    synchronized (notes) {
      var sent = new Sent(node, wanted.path(), wanted.sha256());
      late.remove(sent);
      late.put(sent, ticker.now());
      if (late.size() > MOST) {
        late.remove(late.keySet().iterator().next());
      }
    }
  }

  /// Those that may be asked for a content now, in their order, but those behind the others that
  /// did not bring it to its end lately.
  List<Source> usable(Content wanted, List<Source> sources) {
    return sources.stream()
        .filter(source -> isUsable(wanted, source.node()))
        .sorted(Comparator.comparing(source -> isLate(wanted, source.node())))
        .toList();
  }

  private boolean isLate(Content wanted, NodeId node) {
    synchronized (notes) {
      var at = late.get(new Sent(node, wanted.path(), wanted.sha256()));
      return at != null && ticker.now().since(at).compareTo(AVOIDED) < 0;
    }
  }

  private boolean isUsable(Content wanted, NodeId node) {
    synchronized (notes) {
      var note = notes.get(new Sent(node, wanted.path(), wanted.sha256()));
      return note == null || ticker.now().since(note.at()).compareTo(AVOIDED) >= 0;
    }
  }

  /// All that are remembered, the latest last.
  List<CorruptSource> told() {
    synchronized (notes) {
      return notes.entrySet().stream().map(this::told).toList();
    }
  }

  private CorruptSource told(Map.Entry<Sent, Note> one) {
    Duration age = ticker.now().since(one.getValue().at());
    return CorruptSource.newBuilder()
        .setNodeId(one.getKey().node().value())
        .setPath(one.getKey().path())
        .setSha256(one.getKey().sha256())
        .setDetail(one.getValue().detail())
        .setAge(
            com.google.protobuf.Duration.newBuilder()
                .setSeconds(age.getSeconds())
                .setNanos(age.getNano()))
        .build();
  }
}
