package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The figures of SWIM, and what detection they promise. They need not be equal on all nodes.
///
/// @param pingInterval gap between the probes of one member, each of another target
/// @param pingTimeout wait for a direct answer; the rest of the interval is for indirect probes
/// @param indirectPings members asked to probe for one that did not answer
/// @param suspicionMult a suspect may refute for this many intervals times the logarithm of the
///   number of members
/// @param syncInterval gap between comparisons of the whole table, and between tries of a seed that
///   is no member
/// @param gossipInterval gap between gossip rounds while there are words
/// @param metadataTimeout longest wait for what a new member tells of itself
@Pure
public record SwimTiming(
    Duration pingInterval,
    Duration pingTimeout,
    int indirectPings,
    int suspicionMult,
    Duration syncInterval,
    Duration gossipInterval,
    Duration metadataTimeout) {
  /// Members for whom `deadAfter` is met.
  private static final int REFERENCE_MEMBERS = 7;

  private static final int MULT = 3;
  private static final Duration LEAST_PING = Duration.ofMillis(100);

  /// The figures with which seven members see a dead one within about `deadAfter`: `wan` probes
  /// every 5 s, `lan` every 0.5 s, `local` every 0.17 s.
  public static SwimTiming of(Timing timing) {
    Duration ping = timing.deadAfter().dividedBy(12);
    return of(ping.compareTo(LEAST_PING) < 0 ? LEAST_PING : ping, MULT, 3);
  }

  private static SwimTiming of(Duration ping, int mult, int indirect) {
    return new SwimTiming(
        ping,
        ping.multipliedBy(3).dividedBy(5),
        indirect,
        mult,
        within(ping.multipliedBy(4), Duration.ofSeconds(1), Duration.ofSeconds(5)),
        within(ping.multipliedBy(2).dividedBy(5), Duration.ofMillis(50), Duration.ofMillis(400)),
        within(ping, Duration.ofSeconds(3), Duration.ofSeconds(10)));
  }

  /// The same with another gap between probes; what depends on it follows.
  public SwimTiming withPingInterval(Duration ping) {
    return of(ping, suspicionMult, indirectPings);
  }

  /// The same with a suspicion of about that length among seven members.
  public SwimTiming withSuspicion(Duration suspicion) {
    long interval = pingInterval.toMillis() * log2(REFERENCE_MEMBERS);
    long mult = Math.max(1, Math.round((double) suspicion.toMillis() / Math.max(1, interval)));
    return new SwimTiming(
        pingInterval,
        pingTimeout,
        indirectPings,
        (int) Math.min(mult, 1000),
        syncInterval,
        gossipInterval,
        metadataTimeout);
  }

  /// The same with another number of indirect probes.
  public SwimTiming withIndirectPings(int count) {
    return new SwimTiming(
        pingInterval,
        pingTimeout,
        count,
        suspicionMult,
        syncInterval,
        gossipInterval,
        metadataTimeout);
  }

  /// How long one of that many members may refute.
  public Duration suspicion(int members) {
    return pingInterval.multipliedBy((long) suspicionMult * log2(members));
  }

  /// From the loss of one of that many members to DEAD at all, in the mean (SWIM, section 5): the
  /// first probe that misses it comes after e / (e - 1) intervals.
  public Duration expectedDetection(int members) {
    return pingInterval
        .multipliedBy(8)
        .dividedBy(5)
        .plus(pingInterval)
        .plus(suspicion(members))
        .plus(gossipInterval.multipliedBy(log2(members)));
  }

  /// The same at worst (RELIABILITY M1), for a member that does not doubt itself: its own turn
  /// among the targets comes last.
  public Duration worstDetection(int members) {
    return pingInterval
        .multipliedBy(members)
        .plus(suspicion(members))
        .plus(gossipInterval.multipliedBy(log2(members)));
  }

  /// The relations that the figures break; empty when all hold.
  public List<String> faults() {
    var faults = new ArrayList<String>();
    if (pingInterval.compareTo(LEAST_PING) < 0) {
      faults.add("swim ping_interval " + pingInterval + " must be at least 0.1s");
    }
    if (pingTimeout.compareTo(pingInterval) >= 0) {
      faults.add("swim ping_timeout " + pingTimeout + " must be below " + pingInterval);
    }
    if (indirectPings < 0 || indirectPings > 16) {
      faults.add("swim indirect_ping_count " + indirectPings + " must be 0 to 16");
    }
    return faults;
  }

  private static Duration within(Duration value, Duration least, Duration most) {
    return value.compareTo(least) < 0 ? least : value.compareTo(most) > 0 ? most : value;
  }

  /// Rounds in which a word reaches that many members.
  static int log2(int members) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(members);
  }
}
