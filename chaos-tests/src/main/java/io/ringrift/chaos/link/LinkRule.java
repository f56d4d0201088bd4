package io.ringrift.chaos.link;

import java.time.Duration;

/// How one direction fares. Percentages are of pieces: packets, datagrams, or what one read of a
/// stream brings.
///
/// @param cut nothing passes
/// @param delay of everything, and up to `jitter` more
/// @param lossPercent lost; of a stream, held until it would have been sent again
/// @param duplicatePercent comes twice; datagrams alone
/// @param truncatePercent forwarded by half, then the connection is reset
/// @param reset connections are ended at once
public record LinkRule(
    boolean cut,
    Duration delay,
    Duration jitter,
    int lossPercent,
    int duplicatePercent,
    int truncatePercent,
    boolean reset) {
  public static final LinkRule CLEAR =
      new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, 0, false);
  public static final LinkRule CUT =
      new LinkRule(true, Duration.ZERO, Duration.ZERO, 0, 0, 0, false);
  public static final LinkRule RESET =
      new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, 0, true);

  public static LinkRule delayed(Duration delay, Duration jitter) {
    return new LinkRule(false, delay, jitter, 0, 0, 0, false);
  }

  public static LinkRule losing(int percent) {
    return new LinkRule(false, Duration.ZERO, Duration.ZERO, percent, 0, 0, false);
  }

  public static LinkRule duplicating(int percent) {
    return new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, percent, 0, false);
  }

  public static LinkRule truncating(int percent) {
    return new LinkRule(false, Duration.ZERO, Duration.ZERO, 0, 0, percent, false);
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
        reset || other.reset);
  }
}
