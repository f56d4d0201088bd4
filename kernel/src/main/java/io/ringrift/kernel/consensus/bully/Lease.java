package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/// One epoch's lease as its holder counts it. Each voter's grant counts from the send of the round
/// that it answers; the lease runs from the quorum-th latest of those moments, so at least a quorum
/// of voters hold themselves to it for longer than the holder does.
final class Lease {
  /// Rounds remembered; an answer to an older one comes too late to matter.
  private static final int ROUNDS = 64;

  private final Epoch epoch;
  private final int quorum;
  private final Rules rules;
  private final Duration span;
  private final TreeMap<Long, Moment> sent = new TreeMap<>();
  private final TreeMap<NodeId, Moment> granted = new TreeMap<>();
  private final TreeMap<NodeId, LogPosition> logEnds = new TreeMap<>();
  private Moment asked = Moment.MIN;
  private Moment start = Moment.MIN;

  /// With a clock at most `drift` fast at the voter and as much slow here, `lease * (1 - drift)`
  /// here ends before `lease * (1 + drift)` there (RELIABILITY C.2). A hundredth is the margin
  /// between looking at the lease and acting on it.
  Lease(Epoch epoch, int quorum, Rules rules, Timing timing) {
    this.epoch = epoch;
    this.quorum = quorum;
    this.rules = rules;
    this.span = timing.lease().multipliedBy(990 - timing.maxDriftPerMille()).dividedBy(1000);
  }

  Epoch epoch() {
    return epoch;
  }

  void asked(long round, Moment now) {
    asked = now;
    sent.put(round, now);
    if (sent.size() > ROUNDS) {
      sent.pollFirstEntry();
    }
  }

  void granted(NodeId voter, long round, LogPosition logEnd, Moment now) {
    Moment sentAt = sent.get(round);
    if (sentAt == null) {
      return;
    }
    logEnds.put(voter, logEnd);
    granted.merge(voter, rules.leaseStart(sentAt, now), Moment::max);
    start =
        granted.size() < quorum
            ? Moment.MIN
            : granted.values().stream()
                .sorted(Comparator.reverseOrder())
                .skip(quorum - 1L)
                .findFirst()
                .orElse(Moment.MIN);
  }

  boolean grantedBy(NodeId voter) {
    return granted.containsKey(voter);
  }

  Moment ends() {
    return start.equals(Moment.MIN) ? Moment.MIN : start.plus(span);
  }

  Moment asked() {
    return asked;
  }

  /// Whether a quorum has granted the latest round.
  boolean renewed() {
    return !start.isBefore(asked);
  }

  /// Log ends of the voters that have promised this epoch.
  Map<NodeId, LogPosition> logEnds() {
    return Collections.unmodifiableMap(logEnds);
  }
}
