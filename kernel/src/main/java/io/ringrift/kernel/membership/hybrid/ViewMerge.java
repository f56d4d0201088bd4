package io.ringrift.kernel.membership.hybrid;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.membership.FormerBoots;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The one evaluator over two views (SPEC 2.9). A member that both know is
///
/// - ALIVE while both say so, SUSPECT while exactly one does, DEAD when none does;
/// - LEFT as soon as one heard its goodbye.
///
/// SWIM speaks for life until it says DEAD; polling speaks for life by direct evidence younger than
/// the dead timeout, which is what its own states say. A member that one alone knows, such as an
/// outbound-only node, is what that one says. One thread.
///
/// A member leaves ALIVE for SUSPECT at most once per dead timeout: sources that take turns to
/// doubt show one doubt. Death, goodbyes and new lives are never held back.
@Pure
final class ViewMerge {
  private static final class Row {
    BootId boot;
    final FormerBoots former = new FormerBoots();
    @Nullable BootId bySwim;
    @Nullable BootId byPolls;
    Moment lastDoubt = Moment.MIN;
    int flapCount;
    Member shown;

    Row(Member first) {
      this.boot = first.boot();
      this.shown = first;
    }
  }

  private final NodeId self;
  private final Duration deadAfter;
  private final TreeMap<NodeId, Row> rows = new TreeMap<>();

  ViewMerge(NodeId self, Duration deadAfter) {
    this.self = self;
    this.deadAfter = deadAfter;
  }

  /// Takes one look at both views.
  List<MembershipEvent> look(Moment now, List<Member> bySwim, List<Member> byPolls) {
    var events = new ArrayList<MembershipEvent>();
    Map<NodeId, Member> swim = byId(bySwim);
    Map<NodeId, Member> polls = byId(byPolls);
    var ids = new TreeSet<>(swim.keySet());
    ids.addAll(polls.keySet());
    for (NodeId id : ids) {
      judge(now, Optional.ofNullable(swim.get(id)), Optional.ofNullable(polls.get(id)), events);
    }
    for (NodeId id : List.copyOf(rows.keySet())) {
      if (!ids.contains(id)) {
        Row gone = Objects.requireNonNull(rows.remove(id));
        events.add(new MembershipEvent.Purged(gone.shown));
      }
    }
    return events;
  }

  /// Immutable, sorted by node id, this node not included.
  List<Member> members() {
    return rows.values().stream().map(row -> row.shown).toList();
  }

  private Map<NodeId, Member> byId(List<Member> view) {
    var members = new HashMap<NodeId, Member>();
    for (Member member : view) {
      if (!member.id().equals(self)) {
        members.put(member.id(), member);
      }
    }
    return members;
  }

  private void judge(
      Moment now, Optional<Member> swim, Optional<Member> polls, List<MembershipEvent> events) {
    Member any = swim.or(() -> polls).orElseThrow();
    Row row = rows.get(any.id());
    boolean first = row == null;
    if (row == null) {
      row = new Row(any);
      rows.put(any.id(), row);
    }
    boolean reborn = follow(row, swim, polls);
    BootId boot = row.boot;
    var ofSwim = swim.filter(m -> m.boot().equals(boot));
    var ofPolls = polls.filter(m -> m.boot().equals(boot));
    if (ofSwim.isEmpty() && ofPolls.isEmpty()) {
      vanished(row, events);
      return;
    }
    MemberState before = row.shown.state();
    MemberState state = state(ofSwim, ofPolls);
    if (first || reborn) {
      row.flapCount = 0;
      row.lastDoubt = Moment.MIN;
      show(row, ofSwim, ofPolls, state);
      if (state != MemberState.LEFT || reborn) {
        changed(events, MembershipEvent.Joined::new, row);
      }
      return;
    }
    if (before == MemberState.LEFT && state == MemberState.DEAD) {
      // The source that heard the goodbye forgot the member first.
      state = MemberState.LEFT;
    }
    boolean doubt = before == MemberState.ALIVE && state == MemberState.SUSPECT;
    if (doubt && now.since(row.lastDoubt).compareTo(deadAfter) < 0) {
      state = MemberState.ALIVE;
    } else if (doubt) {
      row.lastDoubt = now;
    }
    if (before != MemberState.ALIVE && state == MemberState.ALIVE) {
      row.flapCount++;
    }
    if (before == MemberState.ALIVE && state == MemberState.DEAD) {
      // no death without a suspicion before it, however late both sources are looked at
      show(row, ofSwim, ofPolls, MemberState.SUSPECT);
      changed(events, MembershipEvent.Suspected::new, row);
    }
    boolean wasRetired = row.shown.retired();
    show(row, ofSwim, ofPolls, state);
    tell(row, before, state, events);
    if (row.shown.retired() && !wasRetired) {
      changed(events, MembershipEvent.Retired::new, row);
    }
  }

  /// The source that changed last knows the newer life. A life that gave way comes back when no
  /// source speaks for the one that replaced it and one heard of it since: then a late message of
  /// an earlier life had replaced it.
  private static boolean follow(Row row, Optional<Member> swim, Optional<Member> polls) {
    BootId before = row.boot;
    if (swim.isPresent() && !swim.get().boot().equals(row.bySwim)) {
      row.bySwim = swim.get().boot();
      take(row, row.bySwim);
    }
    if (polls.isPresent() && !polls.get().boot().equals(row.byPolls)) {
      row.byPolls = polls.get().boot();
      take(row, row.byPolls);
    }
    comeBack(row, Stream.of(swim, polls).flatMap(Optional::stream).toList());
    return !row.boot.equals(before);
  }

  private static void comeBack(Row row, List<Member> told) {
    List<Member> ofRow = told.stream().filter(m -> m.boot().equals(row.boot)).toList();
    if (ofRow.stream().allMatch(m -> m.state() == MemberState.DEAD)) {
      Moment heard = ofRow.stream().map(Member::lastContact).reduce(Moment.MIN, Moment::max);
      told.stream()
          .filter(m -> isLive(m) && !row.former.left(m.boot()))
          .filter(m -> ofRow.isEmpty() || m.lastContact().isAfter(heard))
          .findFirst()
          .ifPresent(m -> replace(row, m.boot()));
    }
  }

  private static boolean isLive(Member member) {
    return member.state() == MemberState.ALIVE || member.state() == MemberState.SUSPECT;
  }

  private static void take(Row row, BootId boot) {
    if (!boot.equals(row.boot) && !row.former.contains(boot)) {
      replace(row, boot);
    }
  }

  private static void replace(Row row, BootId boot) {
    // Two lives may give way in one look: what is shown is of the first.
    boolean left = row.shown.boot().equals(row.boot) && row.shown.state() == MemberState.LEFT;
    row.former.replace(row.boot, left, boot);
    row.boot = boot;
  }

  private static MemberState state(Optional<Member> swim, Optional<Member> polls) {
    if (swim.isEmpty() || polls.isEmpty()) {
      return swim.or(() -> polls).orElseThrow().state();
    }
    MemberState one = swim.get().state();
    MemberState other = polls.get().state();
    if (one == MemberState.LEFT || other == MemberState.LEFT) {
      return MemberState.LEFT;
    }
    boolean swimAlive = one != MemberState.DEAD;
    boolean pollsAlive = other != MemberState.DEAD;
    if (swimAlive && pollsAlive) {
      // both doubt: neither vouches for it, though neither gave it up
      boolean bothDoubt = one == MemberState.SUSPECT && other == MemberState.SUSPECT;
      return bothDoubt ? MemberState.SUSPECT : MemberState.ALIVE;
    }
    return swimAlive || pollsAlive ? MemberState.SUSPECT : MemberState.DEAD;
  }

  private static void tell(
      Row row, MemberState before, MemberState state, List<MembershipEvent> events) {
    if (before == state) {
      return;
    }
    switch (state) {
      case ALIVE ->
          changed(
              events,
              before == MemberState.SUSPECT
                  ? MembershipEvent.Refuted::new
                  : MembershipEvent.Joined::new,
              row);
      case SUSPECT ->
          changed(
              events,
              before == MemberState.ALIVE
                  ? MembershipEvent.Suspected::new
                  : MembershipEvent.Joined::new,
              row);
      case DEAD -> changed(events, MembershipEvent.Died::new, row);
      case LEFT -> changed(events, MembershipEvent.Left::new, row);
    }
  }

  /// No source knows this life any more, and none knows another that lives.
  private static void vanished(Row row, List<MembershipEvent> events) {
    if (row.shown.state() == MemberState.ALIVE) {
      row.shown = row.shown.in(MemberState.SUSPECT);
      changed(events, MembershipEvent.Suspected::new, row);
    }
    if (row.shown.state() == MemberState.SUSPECT) {
      row.shown = row.shown.in(MemberState.DEAD);
      changed(events, MembershipEvent.Died::new, row);
    }
  }

  private static void show(
      Row row, Optional<Member> swim, Optional<Member> polls, MemberState state) {
    // polling knows outbound-only nodes and follows addresses
    Member base = polls.or(() -> swim).orElseThrow();
    Moment contact =
        swim.map(Member::lastContact)
            .orElse(Moment.MIN)
            .max(polls.map(Member::lastContact).orElse(Moment.MIN));
    boolean retired =
        state == MemberState.DEAD
            && swim.map(Member::retired).orElse(true)
            && polls.map(Member::retired).orElse(true);
    long incarnation =
        Math.max(
            swim.map(m -> m.incarnation().value()).orElse(0L),
            polls.map(m -> m.incarnation().value()).orElse(0L));
    row.shown =
        new Member(
            base.id(),
            row.boot,
            new Incarnation(incarnation),
            state,
            base.endpoint(),
            base.voter(),
            base.outboundOnly(),
            contact,
            retired,
            row.flapCount);
  }

  private static void changed(
      List<MembershipEvent> events, Function<Member, MembershipEvent> event, Row row) {
    events.add(event.apply(row.shown));
  }
}
