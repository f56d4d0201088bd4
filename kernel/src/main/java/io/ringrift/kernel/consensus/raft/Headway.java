package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// Notices a voter that executes nothing any more though something waits to be executed. Such a
/// leader serves nobody, and its heartbeats keep everybody from electing another; such a follower
/// must not be elected. Time in which nothing waits never counts, so a quiet leader is well. What
/// was noticed holds until something is executed, or nothing waits any more.
@Pure
final class Headway {
  /// A state is saved or restored as long as it is large, and holds up what is behind it.
  static final Duration LONGEST = Duration.ofMinutes(5);

  /// What is seen of the log at one moment.
  ///
  /// @param leads this node is Raft's leader, with an office or without
  /// @param executed index of the last entry that was executed here
  /// @param ready index of the last entry that should be: nothing but this node holds it up
  /// @param lost an entry that was offered here is neither in the log nor answered
  /// @param saving the state machine is busy with a snapshot, or the whole state
  record Look(boolean leads, long executed, long ready, boolean lost, boolean saving) {}

  /// It is stuck.
  ///
  /// @param cause what was noticed
  /// @param holdsOn Raft still leads here though it was asked to give up for the whole grace
  record Stuck(String cause, boolean holdsOn) {}

  private final Duration limit;
  private final Duration grace;
  private long executed = Long.MIN_VALUE;

  /// When something was executed, or nothing waited, last.
  private Moment moved;

  /// The same, or when the machine was busy with a snapshot last.
  private Moment free;

  private Moment looked;
  private boolean stuck;

  /// Since when Raft leads here though it is stuck; MAX while it does not.
  private Moment holdsOnFrom = Moment.MAX;

  /// @param limit how long nothing may be executed
  /// @param grace how long Raft may take to give up leading
  Headway(Duration limit, Duration grace, Moment start) {
    this.limit = limit;
    this.grace = grace;
    this.moved = start;
    this.free = start;
    this.looked = start;
  }

  Optional<Stuck> step(Moment now, Look look) {
    // A process that stood still has seen nothing.
    boolean blind = now.since(looked).compareTo(limit.dividedBy(4)) >= 0;
    looked = now;
    boolean waits = look.ready() > look.executed() || (look.leads() && look.lost());
    boolean well = !waits || look.executed() != executed;
    if (well || (blind && !stuck)) {
      executed = look.executed();
      moved = now;
      free = now;
      stuck = false;
    } else if (look.saving()) {
      free = now;
    }
    stuck =
        stuck || now.since(free).compareTo(limit) >= 0 || now.since(moved).compareTo(LONGEST) >= 0;
    if (!stuck || !look.leads()) {
      holdsOnFrom = Moment.MAX;
    } else if (holdsOnFrom.equals(Moment.MAX)) {
      holdsOnFrom = now;
    }
    boolean holdsOn = now.since(holdsOnFrom).compareTo(grace) >= 0;
    return stuck ? Optional.of(new Stuck(cause(now, look), holdsOn)) : Optional.empty();
  }

  private String cause(Moment now, Look look) {
    return "the raft log is executed no further than entry "
        + executed
        + " for "
        + now.since(moved).toSeconds()
        + " s though "
        + (look.ready() > executed
            ? "entry " + look.ready() + " is ready"
            : "another entry was offered")
        + (look.saving() ? " (a snapshot is being saved or restored)" : "");
  }
}
