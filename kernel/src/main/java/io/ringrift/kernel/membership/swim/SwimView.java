package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.Afterlife;
import io.ringrift.kernel.membership.FormerBoots;
import io.ringrift.kernel.membership.swim.SwimEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// What this node believes, from what ScaleCube's table holds at each look. ScaleCube forgets whom
/// it removes; here the dead, the gone and the replaced are remembered. One thread.
///
/// DEAD is sticky for the boot until the same boot is in the table again, which takes an answer
/// from the member itself; LEFT is sticky for the boot for ever.
@Pure
final class SwimView {
  private static final class Row {
    final NodeId id;
    BootId boot;
    final FormerBoots former = new FormerBoots();
    Incarnation incarnation = Incarnation.ZERO;
    MemberState state = MemberState.ALIVE;
    Endpoint endpoint;
    Moment lastContact;
    Moment stateSince;

    /// Since when the table lacks it while this node doubts itself; `Moment.MAX` when it does not.
    Moment heldSince = Moment.MAX;

    boolean retired;
    int flapCount;

    Row(Sighting first, Moment now) {
      this.id = first.id();
      this.boot = first.boot();
      this.endpoint = first.endpoint();
      this.lastContact = now;
      this.stateSince = now;
    }

    boolean live() {
      return state == MemberState.ALIVE || state == MemberState.SUSPECT;
    }
  }

  private final NodeId self;
  private final Set<NodeId> voters;
  private final Timing timing;
  private final Duration holdAtMost;
  private final int maxMembers;
  private final TreeMap<NodeId, Row> rows = new TreeMap<>();

  /// @param holdAtMost how long a removal is held back while this node doubts itself
  SwimView(NodeId self, Set<NodeId> voters, Timing timing, Duration holdAtMost, int maxMembers) {
    this.self = self;
    this.voters = Set.copyOf(voters);
    this.timing = timing;
    this.holdAtMost = holdAtMost;
    this.maxMembers = maxMembers;
  }

  /// Takes one look at the table.
  ///
  /// @param doubting this node doubts its own probes
  List<SwimEffect> look(Moment now, List<Sighting> table, boolean doubting) {
    var effects = new ArrayList<SwimEffect>();
    var present = new HashMap<NodeId, Sighting>();
    for (Sighting sighting : table) {
      if (!sighting.id().equals(self)) {
        present.merge(sighting.id(), sighting, this::current);
      } else {
        report(effects, Trouble.DUPLICATE_ID, "another process calls itself " + self);
      }
    }
    present.values().stream()
        .sorted(Comparator.comparing(Sighting::id))
        .forEach(sighting -> seen(now, sighting, effects));
    for (Row row : List.copyOf(rows.values())) {
      Sighting sighting = present.get(row.id);
      if (row.live() && (sighting == null || !sighting.boot().equals(row.boot))) {
        missing(now, row, doubting, effects);
      }
      age(now, row, effects);
    }
    return effects;
  }

  /// Immutable, sorted by node id, this node not included.
  Collection<Member> members() {
    return rows.values().stream().map(this::member).toList();
  }

  /// Of two lives in the table, the one that did not give way to another; ScaleCube drops the dead
  /// one as soon as it is probed.
  private Sighting current(Sighting one, Sighting other) {
    Row row = rows.get(one.id());
    if (row == null) {
      return one;
    }
    boolean oneIsOld = row.boot.equals(one.boot()) || gone(row, one);
    return oneIsOld && !gone(row, other) ? other : one;
  }

  private static boolean gone(Row row, Sighting sighting) {
    return row.former.contains(sighting.boot());
  }

  /// A life that gave way counts again when it is heard of behind the end of the one that replaced
  /// it: a table that held both does not say which was the earlier, and holds one that ended until
  /// it is probed.
  private static boolean cameBack(Row row, Sighting sighting) {
    return !row.live()
        && !row.former.left(sighting.boot())
        && sighting.standing() == Sighting.Standing.ALIVE
        && sighting.heard().isAfter(row.stateSince);
  }

  private void seen(Moment now, Sighting sighting, List<SwimEffect> effects) {
    Row row = rows.get(sighting.id());
    if (row == null) {
      if (sighting.standing() == Sighting.Standing.LEAVING || !makeRoom(sighting, effects)) {
        return;
      }
      row = new Row(sighting, now);
      rows.put(row.id, row);
      begin(now, row, sighting, effects);
    } else if (!row.boot.equals(sighting.boot())) {
      if (gone(row, sighting) && !cameBack(row, sighting)) {
        if (sighting.heard().isAfter(row.stateSince) && row.state == MemberState.ALIVE) {
          report(
              effects,
              Trouble.DUPLICATE_ID,
              "two processes call themselves " + row.id + ": boot " + sighting.boot());
        }
        return;
      }
      if (sighting.standing() != Sighting.Standing.LEAVING) {
        row.former.replace(row.boot, row.state == MemberState.LEFT, sighting.boot());
        row.boot = sighting.boot();
        row.flapCount = 0;
        begin(now, row, sighting, effects);
      }
      return;
    }
    continues(now, row, sighting, effects);
  }

  private void begin(Moment now, Row row, Sighting sighting, List<SwimEffect> effects) {
    enter(now, row, MemberState.ALIVE);
    row.lastContact = row.lastContact.max(now);
    row.retired = false;
    row.incarnation = sighting.incarnation();
    address(row, sighting, effects);
    changed(effects, MembershipEvent.Joined::new, row);
  }

  private void continues(Moment now, Row row, Sighting sighting, List<SwimEffect> effects) {
    if (row.state == MemberState.LEFT) {
      return;
    }
    row.heldSince = Moment.MAX;
    row.lastContact = row.lastContact.max(sighting.heard());
    row.incarnation = sighting.incarnation();
    MemberState before = row.state;
    switch (sighting.standing()) {
      case ALIVE -> {
        if (before != MemberState.ALIVE) {
          row.flapCount++;
          enter(now, row, MemberState.ALIVE);
          row.retired = false;
          boolean refuted = before == MemberState.SUSPECT;
          changed(
              effects, refuted ? MembershipEvent.Refuted::new : MembershipEvent.Joined::new, row);
        }
      }
      case SUSPECT -> {
        if (before == MemberState.ALIVE) {
          enter(now, row, MemberState.SUSPECT);
          changed(effects, MembershipEvent.Suspected::new, row);
        }
      }
      case LEAVING -> {
        enter(now, row, MemberState.LEFT);
        changed(effects, MembershipEvent.Left::new, row);
      }
    }
  }

  /// The table lacks a live member: removed, or in another life that does not count. Never DEAD
  /// without a suspicion before, which others could answer.
  private void missing(Moment now, Row row, boolean doubting, List<SwimEffect> effects) {
    if (row.state == MemberState.ALIVE) {
      enter(now, row, MemberState.SUSPECT);
      changed(effects, MembershipEvent.Suspected::new, row);
    }
    if (row.heldSince.equals(Moment.MAX)) {
      row.heldSince = now;
    }
    if (!doubting || now.since(row.heldSince).compareTo(holdAtMost) >= 0) {
      row.heldSince = Moment.MAX;
      enter(now, row, MemberState.DEAD);
      changed(effects, MembershipEvent.Died::new, row);
    }
  }

  private void age(Moment now, Row row, List<SwimEffect> effects) {
    switch (Afterlife.of(row.state, row.retired, now.since(row.stateSince), timing)) {
      case REST -> {}
      case RETIRE -> {
        row.retired = true;
        changed(effects, MembershipEvent.Retired::new, row);
      }
      case PURGE -> {
        rows.remove(row.id);
        changed(effects, MembershipEvent.Purged::new, row);
      }
    }
  }

  private static void enter(Moment now, Row row, MemberState state) {
    row.state = state;
    row.stateSince = now;
  }

  private void address(Row row, Sighting sighting, List<SwimEffect> effects) {
    row.endpoint = sighting.endpoint();
    for (Row other : rows.values()) {
      if (other != row && other.live() && other.endpoint.equals(row.endpoint)) {
        report(
            effects,
            Trouble.ENDPOINT_CONFLICT,
            row.id + " and " + other.id + " both claim " + row.endpoint);
      }
    }
  }

  /// At the bound, the longest dead non-voter gives way; the living are never forgotten.
  private boolean makeRoom(Sighting newcomer, List<SwimEffect> effects) {
    if (rows.size() < maxMembers) {
      return true;
    }
    Optional<Row> oldest =
        rows.values().stream()
            .filter(row -> !row.live() && !voters.contains(row.id))
            .min(Comparator.comparing((Row row) -> row.stateSince));
    if (oldest.isEmpty()) {
      report(
          effects,
          Trouble.TABLE_FULL,
          newcomer.id() + " not admitted: " + maxMembers + " members are here already");
      return false;
    }
    rows.remove(oldest.get().id);
    changed(effects, MembershipEvent.Purged::new, oldest.get());
    return true;
  }

  private Member member(Row row) {
    return new Member(
        row.id,
        row.boot,
        row.incarnation,
        row.state,
        Optional.of(row.endpoint),
        voters.contains(row.id),
        false,
        row.lastContact,
        row.retired,
        row.flapCount);
  }

  private void changed(List<SwimEffect> effects, Function<Member, MembershipEvent> event, Row row) {
    effects.add(new SwimEffect.Changed(event.apply(member(row))));
  }

  private static void report(List<SwimEffect> effects, Trouble trouble, String text) {
    effects.add(new SwimEffect.Report(trouble, text));
  }
}
