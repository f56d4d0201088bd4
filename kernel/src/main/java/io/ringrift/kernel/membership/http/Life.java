package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.membership.FormerBoots;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import java.util.Optional;

/// One row of the detector's table: a node and its present life.
@Pure
final class Life {
  final NodeId id;
  BootId boot;

  private final FormerBoots former = new FormerBoots();

  Incarnation incarnation;
  MemberState state = MemberState.ALIVE;
  Optional<Endpoint> endpoint;
  boolean outboundOnly;

  /// Last evidence of life, for people.
  Moment lastContact;

  /// Begin of the silence that is judged; moved on when this node itself stalled.
  Moment silentSince;

  /// Begin of DEAD or LEFT.
  Moment stateSince;

  boolean retired;
  int flapCount;

  /// Known by another node's word only.
  boolean relayed;

  Moment nextPoll;

  /// A poll under way counts as lost from here on.
  Moment pollLost = Moment.MIN;

  Life(NodeId id, BootId boot, Moment now) {
    this.id = id;
    this.boot = boot;
    this.incarnation = Incarnation.ZERO;
    this.endpoint = Optional.empty();
    this.lastContact = now;
    this.silentSince = now;
    this.stateSince = now;
    this.nextPoll = now;
  }

  /// Begins a life, the first or a new one: what was said of an earlier one does not hold.
  void begin(BootId newBoot, Incarnation newIncarnation, Moment heard) {
    if (!newBoot.equals(boot)) {
      former.replace(boot, state == MemberState.LEFT, newBoot);
      boot = newBoot;
      flapCount = 0;
    }
    incarnation = newIncarnation;
    state = MemberState.ALIVE;
    retired = false;
    lastContact = heard;
    silentSince = heard;
    stateSince = heard;
    pollLost = Moment.MIN;
  }

  /// Whether that life was replaced.
  boolean isFormer(BootId other) {
    return former.contains(other);
  }

  /// Whether that life was replaced after its goodbye: it never comes back.
  boolean hasLeft(BootId other) {
    return former.left(other);
  }

  /// Whether another life may take the place of the present one, which is over.
  boolean mayGiveWayTo(BootId other) {
    return !isLive() && !hasLeft(other);
  }

  void addressed(Intro intro) {
    endpoint = intro.endpoint();
    outboundOnly = intro.outboundOnly();
  }

  boolean isLive() {
    return state == MemberState.ALIVE || state == MemberState.SUSPECT;
  }

  Belief belief() {
    return new Belief(boot, incarnation, state);
  }

  Member member(boolean voter) {
    return new Member(
        id,
        boot,
        incarnation,
        state,
        endpoint,
        voter,
        outboundOnly,
        lastContact,
        retired,
        flapCount);
  }
}
