package io.ringrift.managers.watch;

import io.ringrift.event.v1.Event;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.watch.MembershipNews.News;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Records in the ledger who came, fell silent and went, as the leader's membership sees it, and
/// how many voters may still fail. Looks every two seconds: what is over sooner is in the log of
/// the nodes only.
final class MembershipEvents {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final Office office;
  private final Membership membership;
  private final Consensus consensus;
  private final Ticker ticker;
  private final MembershipNews news = new MembershipNews();
  private final AtomicLong recorded = new AtomicLong();

  // Used by the loop's thread only.
  private Optional<Epoch> term = Optional.empty();

  MembershipEvents(Office office, Membership membership, Consensus consensus, Ticker ticker) {
    this.office = office;
    this.membership = membership;
    this.consensus = consensus;
    this.ticker = ticker;
  }

  LoopSpec loop() {
    return new LoopSpec(
        "membership_events", INTERVAL, Duration.ZERO, true, List.of(), this::round, this::counters);
  }

  Map<String, Long> counters() {
    return Map.of("events_recorded", recorded.get());
  }

  private void round(Optional<Epoch> epoch) {
    var members = membership.members();
    if (!term.equals(epoch)) {
      recall(members);
      term = epoch;
    }
    var due = news.due(ticker.now(), members, consensus.voters(), consensus.quorum());
    var nodes =
        due.stream().anyMatch(MembershipEvents::isHost) ? office.nodes() : List.<NodeLoad>of();
    for (News each : due) {
      record(epoch.orElseThrow(), each);
      if (isHost(each)) {
        record(epoch.orElseThrow(), capacity(each, nodes));
      }
    }
  }

  private static boolean isHost(News each) {
    return each.kind().startsWith("HOST_");
  }

  private void recall(List<Member> members) {
    news.reset(ticker.now());
    Office.Kept kept = office.events();
    for (Event event : kept.events()) {
      news.remember(event.getKind(), event.getSubject(), event.getAttributesMap());
    }
    if (kept.truncated()) {
      news.assume(members);
    }
  }

  private void record(Epoch epoch, News each) {
    office.event(epoch, each.kind(), each.subject(), each.attributes());
    news.remember(each.kind(), each.subject(), each.attributes());
    recorded.incrementAndGet();
  }

  private static News capacity(News cause, List<NodeLoad> nodes) {
    boolean added = cause.kind().equals("HOST_ONLINE");
    var attributes = new HashMap<String, String>();
    attributes.put("change_type", added ? "node_added" : "node_removed");
    attributes.put("change_details", cause.subject());
    attributes.put("total_nodes", Integer.toString(nodes.size()));
    attributes.put("alive_nodes", count(nodes.stream().filter(NodeLoad::alive).count()));
    attributes.put("gpu_nodes", count(nodes.stream().filter(n -> n.alive() && n.gpu()).count()));
    attributes.put(
        "training_nodes", count(nodes.stream().filter(n -> n.alive() && n.trains()).count()));
    return new News("CLUSTER_CAPACITY_CHANGED", cause.subject(), Map.copyOf(attributes));
  }

  private static String count(long number) {
    return Long.toString(number);
  }
}
