package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Endpoints to greet. Voters and seeds are kept for ever, so that both sides of a long partition
/// find each other; endpoints heard from others are dropped when nobody answers there.
@Pure
final class Leads {
  static final int MAX_LEADS = 256;

  private static final class Lead {
    final boolean permanent;
    Moment next;

    /// When the present row of vain greetings began.
    @Nullable Moment tryingSince;

    Moment greetingLost = Moment.MIN;

    /// Who answered here last.
    @Nullable NodeId answeredBy;

    /// A new life was seen here: greet whatever is known of the old one.
    boolean wanted;

    Lead(boolean permanent, Moment next) {
      this.permanent = permanent;
      this.next = next;
    }
  }

  private final Map<Endpoint, Lead> leads = new LinkedHashMap<>();
  private final Duration heartbeat;
  private final Duration deadAfter;

  Leads(Duration heartbeat, Duration deadAfter) {
    this.heartbeat = heartbeat;
    this.deadAfter = deadAfter;
  }

  void keepForEver(Endpoint at, Moment now) {
    leads.putIfAbsent(at, new Lead(true, now));
  }

  /// An endpoint that somebody told of.
  void heardOf(Endpoint at, Moment now) {
    if (leads.size() < MAX_LEADS) {
      leads.putIfAbsent(at, new Lead(false, now));
    }
  }

  /// A life that was not greeted yet was heard from: greet it at once.
  void greetSoon(Endpoint at, Moment now) {
    heardOf(at, now);
    Lead lead = leads.get(at);
    if (lead != null && !lead.wanted) {
      lead.wanted = true;
      lead.next = now;
    }
  }

  void answered(Endpoint at, NodeId by) {
    Lead lead = leads.get(at);
    if (lead == null) {
      return;
    }
    if (!lead.permanent) {
      leads.remove(at);
      return;
    }
    lead.answeredBy = by;
    lead.wanted = false;
    lead.tryingSince = null;
    lead.greetingLost = Moment.MIN;
  }

  void failed(Endpoint at) {
    Lead lead = leads.get(at);
    if (lead != null) {
      lead.greetingLost = Moment.MIN;
      lead.wanted = false;
    }
  }

  void forget(Endpoint at) {
    leads.remove(at);
  }

  /// Endpoints to greet now.
  ///
  /// @param live whether a node is known to live, so that its endpoint needs no greeting
  List<Endpoint> due(Moment now, Predicate<NodeId> live) {
    var due = new ArrayList<Endpoint>();
    for (var entry : List.copyOf(leads.entrySet())) {
      Lead lead = entry.getValue();
      if (!lead.wanted && Optional.ofNullable(lead.answeredBy).filter(live).isPresent()) {
        lead.tryingSince = null;
        lead.next = now;
        continue;
      }
      if (now.isBefore(lead.next) || now.isBefore(lead.greetingLost)) {
        continue;
      }
      Moment since = lead.tryingSince == null ? now : lead.tryingSince;
      lead.tryingSince = since;
      boolean fresh = now.since(since).compareTo(deadAfter) < 0;
      if (!fresh && !lead.permanent) {
        leads.remove(entry.getKey());
        continue;
      }
      lead.next = now.plus(fresh ? heartbeat : deadAfter);
      lead.greetingLost = now.plus(heartbeat.multipliedBy(2));
      due.add(entry.getKey());
    }
    return due;
  }
}
