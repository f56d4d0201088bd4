package io.ringrift.kernel.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class FollowerConsensusTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");

  private final AtomicLong seconds = new AtomicLong();
  private final FollowerConsensus follower =
      new FollowerConsensus(
          List.of(N1, N2),
          new Epoch(3),
          () -> new Moment(seconds.get() * 1_000_000_000L),
          Duration.ofSeconds(6));

  @Test
  void aLeaderThatNobodyNamesForALeaseIsForgottenWithItsEpochKept() {
    follower.advertise(N1, new Epoch(4));
    seconds.set(5);
    follower.advertise(N1, new Epoch(4));
    seconds.set(10);
    assertThat(follower.leadership().leader()).contains(N1);
    seconds.set(11);
    assertThat(follower.leadership().leader()).isEmpty();
    assertThat(follower.leadership().epoch()).isEqualTo(new Epoch(4));
    follower.advertise(N1, new Epoch(4));
    assertThat(follower.leadership().leader()).contains(N1);
  }

  @Test
  void oldNewsNeitherChangesNorProlongs() {
    follower.advertise(N2, new Epoch(5));
    seconds.set(5);
    follower.advertise(N1, new Epoch(4));
    follower.advertise(N1, new Epoch(5));
    assertThat(follower.leadership().leader()).contains(N2);
    seconds.set(6);
    assertThat(follower.leadership().leader()).isEmpty();
  }
}
