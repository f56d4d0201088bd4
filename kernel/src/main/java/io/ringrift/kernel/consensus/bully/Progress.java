package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/// What a leader knows of one follower's log (thesis, section 3.5; the modes are etcd's): probing
/// sends one batch and waits; after a first match batches follow each other without waiting, up to
/// a window; a follower that falls silent gets empty appends until it answers.
final class Progress {
  private static final int WINDOW = 4;

  private record Flight(long sequence, Moment at) {}

  private final ArrayDeque<Flight> inFlight = new ArrayDeque<>();
  private long next;
  private long match;
  private long confirmed;

  /// Commit index that the follower can know of.
  private long told;

  private boolean probing = true;
  private boolean silent;
  private Moment heard = Moment.MIN;
  private Moment spoken = Moment.MIN;
  private Moment snapshotSent = Moment.MIN;

  Progress(long next) {
    this.next = next;
  }

  long next() {
    return next;
  }

  /// Last index known to be equal to the leader's and durable there.
  long match() {
    return match;
  }

  /// Greatest sequence that the follower answered in this epoch.
  long confirmed() {
    return confirmed;
  }

  Moment heard() {
    return heard;
  }

  boolean mayBatch() {
    return !silent && inFlight.size() < (probing ? 1 : WINDOW);
  }

  /// Whether the follower has everything and knows less than this to be committed.
  boolean owed(long commitIndex) {
    return inFlight.isEmpty() && match + 1 == next && told < Math.min(match, commitIndex);
  }

  void batchSent(long sequence, int entries, long commitIndex, Moment now) {
    inFlight.add(new Flight(sequence, now));
    next += entries;
    told = Math.min(commitIndex, next - 1);
    spoken = now;
  }

  void beatSent(long commitIndex, Moment now) {
    told = Math.min(commitIndex, match);
    spoken = now;
  }

  boolean beatDue(Moment now, Duration heartbeat) {
    return spoken.equals(Moment.MIN) || !now.isBefore(spoken.plus(heartbeat));
  }

  boolean snapshotDue(Moment now, Duration gap) {
    if (!snapshotSent.equals(Moment.MIN) && now.isBefore(snapshotSent.plus(gap))) {
      return false;
    }
    snapshotSent = now;
    return true;
  }

  /// Whether a batch has gone without an answer for too long; the follower counts as silent then.
  boolean fellSilent(Moment now, Duration patience) {
    Flight oldest = inFlight.peekFirst();
    if (oldest == null || now.isBefore(oldest.at().plus(patience))) {
      return false;
    }
    inFlight.clear();
    next = match + 1;
    probing = true;
    silent = true;
    return true;
  }

  /// A batch that is older than what was answered and did not match was lost with the stream that
  /// carried it. It is sent again: nothing else would bring it when no further entry follows.
  void accepted(long sequence, long index, Moment now) {
    answered(sequence, now);
    if (index > match) {
      snapshotSent = Moment.MIN;
    }
    match = Math.max(match, index);
    inFlight.removeIf(f -> f.sequence() <= sequence);
    next = inFlight.isEmpty() ? match + 1 : Math.max(next, match + 1);
    probing = false;
    silent = false;
  }

  /// Steps back to the place that the follower finds worth trying. A batch that brought no step
  /// back is not tried again before the follower answers a beat. A newest answer that finds less
  /// than what matched comes from a voter that lost its log and is fetching it again: to count it
  /// for less is always safe, and not to would leave it behind for ever.
  void refused(long sequence, long index, Moment now) {
    if (sequence >= confirmed) {
      match = Math.min(match, index);
    }
    answered(sequence, now);
    if (inFlight.removeIf(f -> f.sequence() == sequence)) {
      long back = Math.max(match + 1, Math.min(next - 1, index + 1));
      inFlight.clear();
      silent = back >= next;
      next = Math.min(next, back);
      probing = true;
    } else if (inFlight.isEmpty()) {
      next = Math.max(match + 1, Math.min(next, index + 1));
      silent = false;
    }
  }

  private void answered(long sequence, Moment now) {
    confirmed = Math.max(confirmed, sequence);
    heard = now;
  }

  /// The k-th greatest of some figures.
  static long greatest(List<Long> figures, int k) {
    return figures.stream()
        .sorted((a, b) -> Long.compare(b, a))
        .skip(k - 1L)
        .findFirst()
        .orElse(0L);
  }
}
