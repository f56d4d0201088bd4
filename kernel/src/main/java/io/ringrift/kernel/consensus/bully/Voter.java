package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// A voter's durable promise and the grant that runs with it. The node's own candidacy comes
/// through here like any other's: one voter, one vote (SPEC 3.3).
final class Voter {
  private final Duration span;
  private final Epoch seen;
  private Promise promise;

  /// Whose grant runs until `grantEnds`.
  private Optional<NodeId> holder;

  private Moment grantEnds;

  /// Epoch that its holder gave back: a request of it that comes later is an old one.
  private Epoch released = Epoch.ZERO;

  /// A grant given before the restart may have been renewed up to the very crash, so it counts as
  /// given at the start.
  ///
  /// @param seen see `BullyCore.Recovered`
  Voter(Timing timing, Promise restored, Epoch seen, Moment start) {
    this.seen = seen;
    this.span = timing.lease().multipliedBy(1000 + timing.maxDriftPerMille()).dividedBy(1000);
    this.promise = restored;
    this.holder = restored.grantedTo();
    this.grantEnds = holder.isPresent() ? start.plus(span) : Moment.MIN;
  }

  Promise promise() {
    return promise;
  }

  Epoch promised() {
    return promise.epoch();
  }

  /// Greatest epoch of which this voter knows for good. The leader of a lesser one, whose appends
  /// it may still take, is told to nobody.
  Epoch known() {
    return promised().max(seen);
  }

  Moment grantEnds() {
    return grantEnds;
  }

  boolean holds(NodeId candidate) {
    return holder.equals(Optional.of(candidate));
  }

  /// Whether a running grant to somebody else forbids a grant to this candidate.
  boolean heldAgainst(NodeId candidate, Moment now) {
    return holder.isPresent() && !holds(candidate) && now.isBefore(grantEnds);
  }

  /// Grants or renews, or leaves everything as it was. A new promise is stored before the answer; a
  /// renewal promises nothing new.
  boolean grant(Turn turn, NodeId candidate, Epoch epoch) {
    boolean renews = promise.equals(new Promise(epoch, Optional.of(candidate)));
    boolean fresh = epoch.isAfter(promised()) && !epoch.isBefore(seen);
    boolean open = renews ? epoch.isAfter(released) : fresh;
    if (!open || heldAgainst(candidate, turn.now())) {
      return false;
    }
    if (!renews) {
      promise = new Promise(epoch, Optional.of(candidate));
      turn.emit(new Effect.PersistPromise(promise, true));
    }
    holder = Optional.of(candidate);
    grantEnds = turn.now().plus(span);
    return true;
  }

  /// Somebody leads in this epoch, so a quorum has promised it. That quorum meets every quorum of
  /// an older lease in a voter whose grant had ended: whatever grant runs here protects nobody.
  void follow(Turn turn, NodeId leader, Epoch epoch) {
    if (epoch.isAfter(promised())) {
      promise = new Promise(epoch, Optional.of(leader));
      turn.emit(new Effect.PersistPromise(promise, false));
      holder = Optional.empty();
      grantEnds = Moment.MIN;
    }
  }

  /// The holder gave its lease back; the promise stays.
  void release(NodeId from, Epoch epoch) {
    if (promise.equals(new Promise(epoch, Optional.of(from)))) {
      released = epoch;
      holder = Optional.empty();
      grantEnds = Moment.MIN;
    }
  }
}
