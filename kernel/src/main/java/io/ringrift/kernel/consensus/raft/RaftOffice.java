package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns Raft's leadership into an office: an epoch of its own, opened by a log entry, held while
/// the lease runs and this node is well. Decides from what is seen now, never from a callback, so
/// that none can be missed. An office that was closed never opens again: the next has a new epoch.
@Pure
final class RaftOffice {
  private record Held(long term, Epoch epoch) {}

  private final NodeId self;
  private final Duration retry;
  private final Duration handover;
  private Optional<Held> held = Optional.empty();
  private Optional<Held> granted = Optional.empty();

  /// Raft term in which an epoch is being opened; -1 for none.
  private long offered = -1;

  private long offeredLast = -1;
  private Moment offerAgain = Moment.MIN;
  private Moment resignAgain = Moment.MIN;

  /// Raft term in which this node takes no office any more.
  private long leaving = -1;

  private String leavingCause = "";

  /// Raft term in which this node waits for the voters to elect another.
  private long waiting = -1;

  private boolean candidate = true;

  /// Greatest epoch that was named here.
  private Epoch known;

  private Epoch named = Epoch.ZERO;

  /// When the lease of the held office ends, as it was last told; MIN once it lapsed.
  private Moment leaseEnds = Moment.MIN;

  /// @param retry gap between two tries of an offer or a resignation
  /// @param handover longest wait for a handover that is under way
  /// @param known greatest epoch known from before: a log that is executed from its beginning again
  ///   names lesser ones first
  RaftOffice(NodeId self, Duration retry, Duration handover, Epoch known) {
    this.self = self;
    this.retry = retry;
    this.handover = handover;
    this.known = known;
  }

  /// The entry that opens an epoch was executed here.
  void granted(long term, Epoch epoch) {
    granted = Optional.of(new Held(term, epoch));
    offered = -1;
  }

  /// The state names this epoch: an office of a lesser one ends, and the next is greater.
  void outgrown(Epoch epoch) {
    named = named.max(epoch);
  }

  /// It was not, or nobody knows.
  void offerFailed() {
    offered = -1;
  }

  /// The office ends, and none is taken in this Raft term any more.
  void leave(long term, String cause) {
    leaving = Math.max(leaving, term);
    leavingCause = cause;
  }

  /// The lease of the held office is over, whatever is seen of it later: the office ends at the
  /// next step.
  void lapsed() {
    leaseEnds = Moment.MIN;
  }

  /// Raft term of the office that this node holds.
  Optional<Long> heldTerm() {
    return held.map(Held::term);
  }

  List<OfficeEffect> step(Moment now, Sight sight) {
    var effects = new ArrayList<OfficeEffect>();
    closeUnlessHeld(now, sight, effects);
    if (sight.fit() != candidate && sight.running()) {
      candidate = sight.fit();
      effects.add(new OfficeEffect.Candidacy(candidate));
    }
    if (sight.running() && sight.leads()) {
      lead(now, sight, effects);
    }
    Leadership told = leadership(sight);
    known = known.max(told.epoch());
    effects.add(new OfficeEffect.Announce(told));
    held.filter(h -> opensNow(h, sight))
        .ifPresent(h -> effects.add(new OfficeEffect.OpenDuties(h.epoch())));
    granted = Optional.empty();
    return effects;
  }

  private boolean opensNow(Held office, Sight sight) {
    return granted.equals(Optional.of(office)) && sight.running();
  }

  private void closeUnlessHeld(Moment now, Sight sight, List<OfficeEffect> effects) {
    if (held.isEmpty()) {
      return;
    }
    Optional<String> cause = endOf(held.get(), now, sight);
    if (cause.isPresent()) {
      effects.add(new OfficeEffect.CloseDuties(held.get().epoch(), cause.get()));
      held = Optional.empty();
    } else {
      // What was earned stays earned: a voter holds to it though the connection to it began anew.
      leaseEnds = leaseEnds.isBefore(sight.leaseEnds()) ? sight.leaseEnds() : leaseEnds;
    }
  }

  /// An office whose lease lapsed ends, though a majority may seem to follow again.
  private Optional<String> endOf(Held office, Moment now, Sight sight) {
    if (!sight.running()) {
      return Optional.of("the raft division stopped");
    }
    if (!sight.leads() || sight.term() != office.term()) {
      return Optional.of("another raft term began");
    }
    if (sight.applied().epoch().isAfter(office.epoch())) {
      return Optional.of("a greater epoch was opened");
    }
    if (named.isAfter(office.epoch())) {
      return Optional.of("the state names epoch " + named);
    }
    if (!sight.fit()) {
      return Optional.of(sight.cause());
    }
    if (sight.term() <= leaving) {
      return Optional.of(leavingCause);
    }
    return now.isBefore(leaseEnds) ? Optional.empty() : Optional.of("the lease ended");
  }

  private void lead(Moment now, Sight sight, List<OfficeEffect> effects) {
    if (!sight.fit()) {
      if (!now.isBefore(resignAgain)) {
        resignAgain = now.plus(retry);
        effects.add(new OfficeEffect.Resign(sight.cause()));
      }
      return;
    }
    if (sight.term() <= leaving) {
      passOn(now, sight.term(), effects);
      return;
    }
    if (held.isPresent() || !now.isBefore(sight.leaseEnds())) {
      return;
    }
    if (granted.isPresent() && granted.get().term() == sight.term() && isCurrent(sight)) {
      held = granted;
      leaseEnds = sight.leaseEnds();
    } else if (offered != sight.term() && mayOffer(now, sight.term())) {
      offered = sight.term();
      offeredLast = sight.term();
      offerAgain = now.plus(retry);
      effects.add(new OfficeEffect.OfferEpoch(sight.term()));
    }
  }

  /// A Raft leader without an office keeps others from leading: one whose handover came to nothing
  /// asks again and again, until somebody else is elected.
  private void passOn(Moment now, long term, List<OfficeEffect> effects) {
    if (waiting != term) {
      waiting = term;
      resignAgain = now.plus(handover);
    } else if (!now.isBefore(resignAgain)) {
      resignAgain = now.plus(retry);
      effects.add(new OfficeEffect.Resign(leavingCause));
    }
  }

  private boolean mayOffer(Moment now, long term) {
    return offeredLast != term || !now.isBefore(offerAgain);
  }

  private boolean isCurrent(Sight sight) {
    return !sight.applied().epoch().isAfter(granted.orElseThrow().epoch());
  }

  /// Only an office that the executed log speaks of has a name: a Raft leader that has not opened
  /// its epoch leads nobody yet. A log that is executed again names offices that ended before the
  /// restart, some of the Raft term that still runs: none of them is believed.
  private Leadership leadership(Sight sight) {
    Epoch epoch = sight.applied().epoch();
    if (held.isPresent()) {
      return new Leadership(Role.LEADER, Optional.of(self), held.get().epoch(), leaseEnds);
    }
    boolean isKnown =
        sight.running()
            && sight.leader().isPresent()
            && !sight.leader().get().equals(self)
            && !epoch.isBefore(known)
            && sight.applied().office().filter(o -> o.term() == sight.term()).isPresent();
    return isKnown
        ? new Leadership(Role.FOLLOWER, sight.leader(), epoch, Moment.MIN)
        : Leadership.unknown(epoch.max(known));
  }
}
