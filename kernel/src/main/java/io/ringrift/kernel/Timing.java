package io.ringrift.kernel;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Every time constant of membership and consensus. Values that must match across the cluster are
/// the lease and the renewal; the rest may differ.
///
/// @param lease right to lead without renewal, from the send of the request
/// @param renew gap between renewals
/// @param heartbeat gap between polls of a peer, and between a leader's appends when idle
/// @param requestTimeout longest wait for an answer to a poll or a vote
/// @param electionTimeout wait for votes before another try, and the stagger between ranks
/// @param suspectAfter silence that makes a member SUSPECT
/// @param deadAfter silence that makes it DEAD
/// @param retireAfter time DEAD that retires it
/// @param purgeAfter time DEAD after which it is forgotten
/// @param gossip gap between gossip rounds
/// @param maxDriftPerMille greatest difference of two nodes' clock rates, in thousandths; shortens
///   the leader's own count of its lease
public record Timing(
    Duration lease,
    Duration renew,
    Duration heartbeat,
    Duration requestTimeout,
    Duration electionTimeout,
    Duration suspectAfter,
    Duration deadAfter,
    Duration retireAfter,
    Duration purgeAfter,
    Duration gossip,
    int maxDriftPerMille) {
  /// The seeds' figures (SPEC 2.2, 3.3); the default.
  public static Timing wan() {
    return new Timing(
        Duration.ofSeconds(60),
        Duration.ofSeconds(15),
        Duration.ofSeconds(15),
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofHours(1),
        Duration.ofHours(6),
        Duration.ofSeconds(15),
        10);
  }

  /// One data centre.
  public static Timing lan() {
    return new Timing(
        Duration.ofSeconds(6),
        Duration.ofMillis(1500),
        Duration.ofSeconds(1),
        Duration.ofMillis(500),
        Duration.ofMillis(600),
        Duration.ofSeconds(3),
        Duration.ofSeconds(6),
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofSeconds(2),
        10);
  }

  /// One machine: the demo and the tests.
  public static Timing local() {
    return new Timing(
        Duration.ofSeconds(2),
        Duration.ofMillis(500),
        Duration.ofMillis(300),
        Duration.ofMillis(250),
        Duration.ofMillis(250),
        Duration.ofMillis(1000),
        Duration.ofSeconds(2),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofMillis(500),
        10);
  }

  /// The relations of SPEC 2.2 that a set of values breaks, each naming both values; empty when all
  /// hold.
  public List<String> faults() {
    var faults = new ArrayList<String>();
    below(faults, "request_timeout", requestTimeout, "heartbeat_interval", heartbeat);
    atMost(faults, 2, "heartbeat_interval", heartbeat, "suspect_after", suspectAfter);
    below(faults, "suspect_after", suspectAfter, "dead_after", deadAfter);
    atMost(faults, 1, "dead_after", deadAfter, "lease_duration", lease);
    below(faults, "lease_duration", lease, "retire_after", retireAfter);
    below(faults, "retire_after", retireAfter, "purge_after", purgeAfter);
    atMost(faults, 3, "renew_interval", renew, "lease_duration", lease);
    below(faults, "election_timeout", electionTimeout, "lease_duration / 3", lease.dividedBy(3));
    if (heartbeat.compareTo(Duration.ofMillis(100)) < 0) {
      faults.add("heartbeat_interval " + shown(heartbeat) + " must be at least 0.1s");
    }
    if (maxDriftPerMille < 0 || maxDriftPerMille > 100) {
      faults.add("max_drift_per_mille " + maxDriftPerMille + " must be 0 to 100");
    }
    return faults;
  }

  private static void below(
      List<String> faults, String name, Duration value, String than, Duration limit) {
    if (isPositive(faults, name, value) && value.compareTo(limit) >= 0) {
      faults.add(told(1, name, value, "below", than, limit));
    }
  }

  private static void atMost(
      List<String> faults, int times, String name, Duration value, String than, Duration limit) {
    if (isPositive(faults, name, value) && value.multipliedBy(times).compareTo(limit) > 0) {
      faults.add(told(times, name, value, "at most", than, limit));
    }
  }

  private static boolean isPositive(List<String> faults, String name, Duration value) {
    if (value.isPositive()) {
      return true;
    }
    faults.add(name + " " + shown(value) + " must be positive");
    return false;
  }

  private static String told(
      int times, String name, Duration value, String relation, String than, Duration limit) {
    String multiple = times == 1 ? name : times + " x " + name;
    return multiple
        + " ("
        + shown(value)
        + ") must be "
        + relation
        + " "
        + than
        + " ("
        + shown(limit)
        + ")";
  }

  private static String shown(Duration value) {
    return BigDecimal.valueOf(value.toMillis(), 3).stripTrailingZeros().toPlainString() + "s";
  }
}
