package io.ringrift.chaos.link;

import java.time.Duration;

/// How one direction fares. Percentages are of pieces: packets, datagrams, or what one read of a
/// stream brings; where it is said, of requests that pass in streams.
///
/// @param cut nothing passes
/// @param delay of everything, and up to `jitter` more
/// @param lossPercent lost; of a stream, held until it would have been sent again
/// @param duplicatePercent of datagrams and requests, comes twice
/// @param truncatePercent forwarded by half, then the connection is reset
/// @param reset connections are ended at once
/// @param reorderPercent of datagrams and of what requests say, is held until others have passed
/// @param hold after which that goes on though nothing did
public record LinkRule(
    boolean cut,
    Duration delay,
    Duration jitter,
    int lossPercent,
    int duplicatePercent,
    int truncatePercent,
    boolean reset,
    int reorderPercent,
    Duration hold) {
  public static final LinkRule CLEAR =
      new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, 0, false, 0, Duration.ZERO);
  public static final LinkRule CUT =
      new LinkRule(true, Duration.ZERO, Duration.ZERO, 0, 0, 0, false, 0, Duration.ZERO);
  public static final LinkRule RESET =
      new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, 0, true, 0, Duration.ZERO);

  public static LinkRule delayed(Duration delay, Duration jitter) {
    return new LinkRule(false, delay, jitter, 0, 0, 0, false, 0, Duration.ZERO);
  }

  public static LinkRule losing(int percent) {
    return struck(percent, 0, 0);
  }

  public static LinkRule duplicating(int percent) {
    return struck(0, percent, 0);
  }

  public static LinkRule truncating(int percent) {
    return struck(0, 0, percent);
  }

  private static LinkRule struck(int loss, int duplicate, int truncate) {
    return new LinkRule(
        false, Duration.ZERO, Duration.ZERO, loss, duplicate, truncate, false, 0, Duration.ZERO);
  }

  public static LinkRule reordering(int percent, Duration hold) {
    return new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, 0, false, percent, hold);
  }

  public boolean delays() {
    return !delay.isZero() || !jitter.isZero();
  }

  /// Both at once: the worse of each.
  public LinkRule and(LinkRule other) {
    return new LinkRule(
        cut || other.cut,
        delay.plus(other.delay),
        jitter.plus(other.jitter),
        Math.max(lossPercent, other.lossPercent),
        Math.max(duplicatePercent, other.duplicatePercent),
        Math.max(truncatePercent, other.truncatePercent),
        reset || other.reset,
        Math.max(reorderPercent, other.reorderPercent),
        hold.compareTo(other.hold) > 0 ? hold : other.hold);
  }
}
