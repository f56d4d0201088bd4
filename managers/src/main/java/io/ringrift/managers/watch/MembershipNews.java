package io.ringrift.managers.watch;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What there is to tell about members and voters: the difference between what was told and what
/// is. What was told comes back by `remember`, also from the events of earlier offices, so that a
/// new leader repeats nothing and leaves nothing out. Holds an entry for each member and for those
/// told as present. One thread.
@Pure
final class MembershipNews {
  /// A member that a new leader has not met yet is no news; one that it does not meet is.
  static final Duration UNMET = Duration.ofSeconds(60);

  private enum Told {
    ONLINE,
    SUSPECT,
    OFFLINE,
    RETIRED
  }

  /// One event that is due.
  ///
  /// @param subject node id, or `quorum`
  record News(String kind, String subject, Map<String, String> attributes) {}

  private final Map<String, Told> told = new HashMap<>();
  private final Map<String, Moment> offlineSince = new HashMap<>();
  private final Map<String, Moment> missingSince = new HashMap<>();
  private String quorumLevel = "";
  private Moment began = Moment.MIN;

  /// Forgets everything; for a new office, which reads the events again.
  void reset(Moment now) {
    began = now;
    told.clear();
    offlineSince.clear();
    missingSince.clear();
    quorumLevel = "";
  }

  /// An event was recorded, now or by an earlier leader; of other kinds nothing is kept.
  void remember(String kind, String subject, Map<String, String> attributes) {
    switch (kind) {
      case "HOST_ONLINE" -> told.put(subject, Told.ONLINE);
      case "NODE_SUSPECT" -> told.put(subject, Told.SUSPECT);
      case "NODE_RECOVERED" -> told.replace(subject, Told.SUSPECT, Told.ONLINE);
      case "HOST_OFFLINE" -> told.put(subject, Told.OFFLINE);
      case "NODE_RETIRED" -> told.put(subject, Told.RETIRED);
      case "QUORUM_HEALTH_CHANGED" -> quorumLevel = attributes.getOrDefault("new_level", "");
      default -> {}
    }
  }

  /// Older events are gone: whoever no kept event speaks of counts as told of, so that those who
  /// are here are not told as new, and those who are gone are told, once too often perhaps.
  void assume(List<Member> members) {
    for (Member member : members) {
      told.putIfAbsent(
          member.id().value(),
          switch (member.state()) {
            case ALIVE -> Told.ONLINE;
            case SUSPECT -> Told.SUSPECT;
            case DEAD, LEFT -> member.retired() ? Told.RETIRED : Told.ONLINE;
          });
    }
  }

  /// What is due, in the order in which it is to be recorded and remembered.
  ///
  /// @param quorum voters that decide
  List<News> due(Moment now, List<Member> members, Collection<NodeId> voters, int quorum) {
    var news = new ArrayList<News>();
    for (Member member : members) {
      missingSince.remove(member.id().value());
      tell(now, member, news);
    }
    missing(now, members, news);
    tellQuorum(now, members, voters, quorum, news);
    return news;
  }

  private void tell(Moment now, Member member, List<News> news) {
    String id = member.id().value();
    Told before = told.get(id);
    boolean present = before == Told.ONLINE || before == Told.SUSPECT;
    switch (member.state()) {
      case ALIVE -> back(now, member, before, news);
      case SUSPECT -> {
        if (before == Told.ONLINE) {
          Duration silent = now.since(member.lastContact());
          news.add(about("NODE_SUSPECT", id, "seconds_since_heartbeat", silent));
        }
      }
      case DEAD, LEFT -> {
        if (present) {
          news.add(offline(now, member));
        }
        if (member.retired() && before != null && before != Told.RETIRED) {
          news.add(new News("NODE_RETIRED", id, Map.of("node_id", id)));
        }
      }
    }
  }

  private void back(Moment now, Member member, @Nullable Told before, List<News> news) {
    String id = member.id().value();
    Moment since = offlineSince.remove(id);
    if (before == Told.SUSPECT) {
      news.add(recovered(id, "refuted", Map.of()));
    } else if (before != null && before != Told.ONLINE) {
      Map<String, String> lasted =
          since == null ? Map.of() : Map.of("offline_duration_seconds", seconds(now.since(since)));
      news.add(recovered(id, "rejoined", lasted));
    }
    if (before != Told.ONLINE && before != Told.SUSPECT) {
      news.add(
          new News(
              "HOST_ONLINE",
              id,
              Map.of(
                  "node_id",
                  id,
                  "voter",
                  Boolean.toString(member.voter()),
                  "outbound_only",
                  Boolean.toString(member.outboundOnly()))));
    }
  }

  private static News recovered(String id, String type, Map<String, String> more) {
    var attributes = new HashMap<>(more);
    attributes.put("node_id", id);
    attributes.put("recovery_type", type);
    return new News("NODE_RECOVERED", id, Map.copyOf(attributes));
  }

  private News offline(Moment now, Member member) {
    String id = member.id().value();
    offlineSince.putIfAbsent(id, now);
    return new News(
        "HOST_OFFLINE",
        id,
        Map.of(
            "node_id",
            id,
            "reason",
            member.state().name().toLowerCase(Locale.ROOT),
            "seconds_since_heartbeat",
            seconds(now.since(member.lastContact()))));
  }

  private static News about(String kind, String id, String what, Duration lasted) {
    return new News(kind, id, Map.of("node_id", id, what, seconds(lasted)));
  }

  private static String seconds(Duration duration) {
    return Long.toString(duration.toSeconds());
  }

  /// Members that were told of and are in no list any more.
  private void missing(Moment now, List<Member> members, List<News> news) {
    Set<String> here = members.stream().map(m -> m.id().value()).collect(Collectors.toSet());
    told.entrySet()
        .removeIf(
            e ->
                !here.contains(e.getKey())
                    && (e.getValue() == Told.OFFLINE || e.getValue() == Told.RETIRED));
    offlineSince.keySet().retainAll(here);
    missingSince.keySet().retainAll(told.keySet());
    for (String id : told.keySet()) {
      if (!here.contains(id)) {
        Moment since = missingSince.computeIfAbsent(id, _ -> now);
        if (now.since(since).compareTo(UNMET) >= 0) {
          news.add(new News("HOST_OFFLINE", id, Map.of("node_id", id, "reason", "unknown")));
        }
      }
    }
  }

  /// A new leader has met a majority, whatever it has heard of its members by now.
  private void tellQuorum(
      Moment now, List<Member> members, Collection<NodeId> voters, int quorum, List<News> news) {
    long alive = members.stream().filter(m -> m.alive() && voters.contains(m.id())).count();
    String level = level(alive, voters.size(), quorum);
    boolean unmet = alive < quorum && now.since(began).compareTo(UNMET) < 0;
    if (!unmet && !level.equals(quorumLevel)) {
      news.add(
          new News(
              "QUORUM_HEALTH_CHANGED",
              "quorum",
              Map.of(
                  "old_level", quorumLevel.isEmpty() ? "UNKNOWN" : quorumLevel,
                  "new_level", level,
                  "alive_voters", Long.toString(alive),
                  "total_voters", Integer.toString(voters.size()),
                  "quorum_required", Integer.toString(quorum))));
    }
  }

  /// By how many voters may still fail (SPEC 3.4); all of them alive is as healthy as it gets.
  private static String level(long alive, int voters, int quorum) {
    if (alive == voters || alive >= quorum + 2L) {
      return "HEALTHY";
    }
    if (alive > quorum) {
      return "DEGRADED";
    }
    return alive == quorum ? "MINIMUM" : "LOST";
  }
}
