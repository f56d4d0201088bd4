package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transfers in virtual time: each receives a chunk when its last one was due.
final class BandwidthTest {
  private static final int RATE = 10_000_000;
  private static final int CHUNK = FileSender.CHUNK;
  private static final Moment START = new Moment(5_000_000_000L);

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 64})
  void allTransfersTogetherStayBelowTheCapAndUseIt(int transfers) {
    var bandwidth = new Bandwidth(RATE, START);

    long bytes = received(bandwidth, transfers, Duration.ofMillis(1), Duration.ofSeconds(20));

    assertThat(bytes).isLessThanOrEqualTo(20L * RATE + RATE / 10 + (long) transfers * CHUNK);
    assertThat(bytes).isGreaterThan(19L * RATE);
  }

  @Test
  void eachTransferGetsItsShare() {
    var bandwidth = new Bandwidth(RATE, START);
    var share = new long[4];
    var line = new PriorityQueue<Waiting>();
    for (int i = 0; i < share.length; i++) {
      line.add(new Waiting(START, i));
    }
    Moment end = START.plus(Duration.ofSeconds(10));
    for (var one = line.poll(); one != null && one.at().isBefore(end); one = line.poll()) {
      share[one.transfer()] += CHUNK;
      line.add(new Waiting(bandwidth.due(one.at(), CHUNK), one.transfer()));
    }

    for (long bytes : share) {
      assertThat(bytes).isBetween(RATE * 10L / 5, RATE * 10L / 3);
    }
  }

  @Test
  void aRestGivesNoRightToMoreThanATenthOfASecond() {
    var bandwidth = new Bandwidth(RATE, START);
    Moment later = START.plus(Duration.ofHours(1));

    int free = 0;
    while (!later.isBefore(bandwidth.due(later, CHUNK))) {
      free += CHUNK;
    }

    assertThat(free).isLessThanOrEqualTo(RATE / 10);
  }

  @Test
  void zeroIsNoCap() {
    var bandwidth = new Bandwidth(0, START);

    assertThat(bandwidth.due(START, Integer.MAX_VALUE)).isEqualTo(START);
  }

  private record Waiting(Moment at, int transfer) implements Comparable<Waiting> {
    @Override
    public int compareTo(Waiting other) {
      return at.compareTo(other.at);
    }
  }

  /// @param network longest time that a chunk takes on the way
  private static long received(
      Bandwidth bandwidth, int transfers, Duration network, Duration time) {
    var random = new SplittableRandom(transfers);
    var line = new PriorityQueue<Waiting>();
    for (int i = 0; i < transfers; i++) {
      line.add(new Waiting(START, i));
    }
    Moment end = START.plus(time);
    long bytes = 0;
    for (var one = line.poll(); one != null && one.at().isBefore(end); one = line.poll()) {
      bytes += CHUNK;
      Moment arrived = one.at().plus(Duration.ofNanos(random.nextLong(network.toNanos())));
      Moment due = bandwidth.due(arrived, CHUNK);
      line.add(new Waiting(due.isBefore(arrived) ? arrived : due, one.transfer()));
    }
    return bytes;
  }
}
