package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;

/// Notices a Raft leader that executes nothing any more though it writes a mark every few seconds
/// and its followers hear it: such a leader serves nobody and keeps everybody from electing
/// another. Without a majority nothing is executed either; that is no stall, and ends the lease.
@Pure
final class Headway {
  /// Saving a state takes as long as it is large, and holds up what is behind it.
  static final Duration LONGEST = Duration.ofMinutes(5);

  private final Duration limit;
  private long executed = -1;

  /// When something was executed last, or may not have been for want of followers.
  private Moment moved;

  /// The same, or when the machine was busy with a snapshot last.
  private Moment free;

  private Moment looked;

  /// @param limit how long nothing may be executed; longer than the gap between two marks
  Headway(Duration limit, Moment start) {
    this.limit = limit;
    this.moved = start;
    this.free = start;
    this.looked = start;
  }

  /// @param led this node is Raft's leader and a majority follows it
  /// @param index of the last entry that was executed here
  /// @param saving the machine is busy with a snapshot
  /// @return the cause when it is stuck
  Optional<String> step(Moment now, boolean led, long index, boolean saving) {
    // A process that stood still has seen nothing.
    boolean blind = now.since(looked).compareTo(limit.dividedBy(4)) >= 0;
    looked = now;
    if (!led || blind || index != executed) {
      executed = index;
      moved = now;
      free = now;
      return Optional.empty();
    }
    if (saving) {
      free = now;
    }
    boolean isStuck =
        now.since(free).compareTo(limit) >= 0 || now.since(moved).compareTo(LONGEST) >= 0;
    return isStuck
        ? Optional.of(
            "the raft log is executed no further than entry "
                + index
                + " for "
                + now.since(moved).toMillis()
                + " ms, though the followers hear this leader")
        : Optional.empty();
  }
}
