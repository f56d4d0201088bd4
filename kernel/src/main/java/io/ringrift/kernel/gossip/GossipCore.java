package io.ringrift.kernel.gossip;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Exchange;
import io.ringrift.kernel.wire.Fact;
import io.ringrift.kernel.wire.FactVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Push-pull anti-entropy over versioned node facts (SPEC 4.2). A function of (state, now, input);
/// one thread at a time owns it.
///
/// Only an owner makes a version of its facts, and nobody is believed about us. Within one process
/// start the counter orders. Between two starts membership decides, which knows the present boot;
/// the owner's clock orders them only while membership is silent. So a clock that once stood in the
/// future wins until the owner's next start is seen by membership, and not for ever.
@Pure
final class GossipCore {
  static final int MAX_NODES = 1000;
  static final int MAX_PAYLOAD = 16 * 1024;
  static final int MAX_MESSAGE = 1024 * 1024;

  /// Room that a version takes in a message, generously.
  private static final int VERSION_BYTES = 112;

  /// What membership knows, handed in with each input.
  ///
  /// @param boots present boot of each member that is not gone
  record Known(Map<NodeId, BootId> boots) {}

  /// A fact and when this version of it arrived.
  record Held(Fact fact, Moment heard) {}

  private final NodeId self;
  private final BootId boot;
  private final long bootTimeMillis;
  private final String clusterId;
  private final Duration forgetAfter;
  private final GossipRules rules;
  private final TreeMap<NodeId, Held> held = new TreeMap<>();

  /// What was dropped last of each node, so that a holder that has not dropped it yet does not
  /// bring it back for ever.
  private final LinkedHashMap<NodeId, FactVersion> dropped = new LinkedHashMap<>();

  private long counter;

  /// @param forgetAfter age beyond which facts of nodes that membership does not know are dropped
  GossipCore(
      NodeId self, BootId boot, long bootTimeMillis, String clusterId, Duration forgetAfter) {
    this(self, boot, bootTimeMillis, clusterId, forgetAfter, GossipRules.PROTOCOL);
  }

  GossipCore(
      NodeId self,
      BootId boot,
      long bootTimeMillis,
      String clusterId,
      Duration forgetAfter,
      GossipRules rules) {
    this.self = self;
    this.boot = boot;
    this.bootTimeMillis = bootTimeMillis;
    this.clusterId = clusterId;
    this.forgetAfter = forgetAfter;
    this.rules = rules;
  }

  /// @throws Refusal INVALID_ARGUMENT above 16 KiB
  void publish(Moment now, ByteString payload) {
    if (payload.size() > MAX_PAYLOAD) {
      throw Refusal.invalid("payload", payload.size() + " bytes", "at most " + MAX_PAYLOAD);
    }
    counter++;
    var version = new FactVersion(self, boot, bootTimeMillis, counter);
    held.put(self, new Held(new Fact(version, payload), now));
  }

  Map<NodeId, Held> held() {
    return Map.copyOf(held);
  }

  /// Opens a round: what this node holds, and its own facts, which are most often the news.
  Exchange.Ask ask() {
    Held own = held.get(self);
    return new Exchange.Ask(
        self, clusterId, digest(), own == null ? List.of() : List.of(own.fact()));
  }

  /// Answers a round: takes the news, tells what the asker lacks.
  Exchange.Answer answer(Moment now, Exchange.Ask ask, Known known) {
    merge(now, ask.facts(), known);
    var theirs = new TreeMap<NodeId, FactVersion>();
    ask.digest().forEach(version -> theirs.put(version.node(), version));
    var wants =
        ask.digest().stream()
            .filter(version -> !version.node().equals(self))
            .filter(version -> isNews(version, known))
            .limit(MAX_NODES)
            .toList();
    var lacking =
        held.values().stream()
            .map(Held::fact)
            .filter(
                fact ->
                    !fact.version().node().equals(ask.from())
                        && isNewer(
                            fact.version(),
                            Optional.ofNullable(theirs.get(fact.version().node())),
                            known))
            .toList();
    return new Exchange.Answer(self, capped(lacking, wants.size() * VERSION_BYTES, now), wants);
  }

  /// Takes the answer of a round; what the answerer wants is pushed in a second ask.
  ///
  /// @return empty when the answerer lacks nothing
  Optional<Exchange.Ask> take(Moment now, Exchange.Answer answer, Known known) {
    merge(now, answer.facts(), known);
    var wanted =
        answer.wants().stream()
            .flatMap(version -> Optional.ofNullable(held.get(version.node())).stream())
            .map(Held::fact)
            .toList();
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    var digest = digest();
    return Optional.of(
        new Exchange.Ask(
            self, clusterId, digest, capped(wanted, digest.size() * VERSION_BYTES, now)));
  }

  /// Drops facts of nodes that membership no longer knows and that nobody renewed.
  void forget(Moment now, Known known) {
    for (Held each : List.copyOf(held.values())) {
      FactVersion version = each.fact().version();
      if (!version.node().equals(self)
          && !known.boots().containsKey(version.node())
          && now.since(each.heard()).compareTo(forgetAfter) > 0) {
        held.remove(version.node());
        dropped.put(version.node(), version);
      }
    }
    while (dropped.size() > MAX_NODES) {
      dropped.pollFirstEntry();
    }
  }

  /// Peers for one round: `ceil(log2 n) + 1`, at most 8, of the order that was handed in.
  static List<NodeId> fanout(List<NodeId> order) {
    int nodes = order.size() + 1;
    int log = 32 - Integer.numberOfLeadingZeros(Math.max(nodes - 1, 1));
    return order.subList(0, Math.min(order.size(), Math.min(log + 1, 8)));
  }

  private void merge(Moment now, List<Fact> facts, Known known) {
    for (Fact fact : facts) {
      NodeId node = fact.version().node();
      if (node.equals(self)
          || fact.payload().size() > MAX_PAYLOAD
          || !isNews(fact.version(), known)
          || (held.size() >= MAX_NODES && !held.containsKey(node))) {
        continue;
      }
      held.put(node, new Held(fact, now));
      dropped.remove(node);
    }
  }

  private boolean isNews(FactVersion version, Known known) {
    Held mine = held.get(version.node());
    FactVersion past = dropped.get(version.node());
    if (mine != null || past == null) {
      return isNewer(version, Optional.ofNullable(mine).map(h -> h.fact().version()), known);
    }
    // what was dropped counts again, unchanged, once membership knows its owner again
    return known.boots().containsKey(version.node())
        ? !isNewer(past, Optional.of(version), known)
        : isNewer(version, Optional.of(past), known);
  }

  private boolean isNewer(FactVersion a, Optional<FactVersion> than, Known known) {
    if (than.isEmpty()) {
      return true;
    }
    FactVersion b = than.get();
    return a.boot().equals(b.boot())
        ? rules.laterOfOneBoot(a, b)
        : rules.laterBoot(a, b, known.boots().get(a.node()));
  }

  private List<FactVersion> digest() {
    return held.values().stream().map(h -> h.fact().version()).toList();
  }

  /// As many as fit into one message. Where they begin turns with time, so that what did not fit
  /// comes in a later round.
  private static List<Fact> capped(List<Fact> facts, int usedBytes, Moment now) {
    var fitting = new ArrayList<Fact>();
    int bytes = usedBytes;
    int start = facts.isEmpty() ? 0 : (int) Math.floorMod(now.nanos() / 1000, (long) facts.size());
    for (int i = 0; i < facts.size(); i++) {
      Fact fact = facts.get((start + i) % facts.size());
      bytes += fact.payload().size() + VERSION_BYTES;
      if (bytes > MAX_MESSAGE) {
        break;
      }
      fitting.add(fact);
    }
    return fitting;
  }
}
