package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.leader.FollowerInfo;
import org.junit.jupiter.api.Test;

final class FollowersTest {
  private static final NodeId N2 = new NodeId("n2");

  private final Ticker ticker = Ticker.system();
  private final Followers followers = new Followers();
  private final Followers.Seen seen = followers.begins(named(N2));

  /// Of Ratis' own, which has a name only.
  private static FollowerInfo named(NodeId id) {
    return named(id, -1);
  }

  private static FollowerInfo named(NodeId id, long match) {
    return (FollowerInfo)
        Proxy.newProxyInstance(
            FollowerInfo.class.getClassLoader(),
            new Class<?>[] {FollowerInfo.class},
            (_, method, _) ->
                method.getName().equals("getMatchIndex")
                    ? (Object) match
                    : RaftPeerId.valueOf(id.value()));
  }

  private Moment since() {
    return followers.followedSince(ticker.now(), List.of(N2));
  }

  private Moment later() {
    Moment before = ticker.now();
    await().until(() -> ticker.now().since(before).compareTo(Duration.ofMillis(20)) > 0);
    return before;
  }

  @Test
  void aFollowerCountsFromWhenTheAppendWasMadeThatItTook() {
    assertThat(since()).isEqualTo(Moment.MIN);
    Moment before = ticker.now();
    seen.sends(1);
    assertThat(since()).isEqualTo(Moment.MIN);
    Moment after = later();
    seen.answers(1, true);
    assertThat(since().isBefore(before.minus(Duration.ofMillis(5)))).isFalse();
    assertThat(since().isBefore(after.plus(Duration.ofMillis(5)))).isTrue();
  }

  /// Two streams share Ratis' own time stamp, which a rejection moves as well.
  @Test
  void aRejectionLendsItsTimeToNoOlderAppend() {
    seen.sends(1);
    Moment first = later();
    seen.sends(2);
    seen.answers(2, false);
    assertThat(since()).isEqualTo(Moment.MIN);
    seen.answers(1, true);
    assertThat(since().isBefore(first.plus(Duration.ofMillis(5)))).isTrue();
  }

  @Test
  void anAnswerToAnAppendThatIsForgottenCountsForNothing() {
    for (long call = 0; call <= 64; call++) {
      seen.sends(call);
    }
    seen.answers(0, true);
    assertThat(since()).isEqualTo(Moment.MIN);
    seen.answers(1, true);
    assertThat(since()).isNotEqualTo(Moment.MIN);
  }

  @Test
  void whatAMajorityHoldsIsHeldByMoreThanHalfOfTheVoters() {
    NodeId n3 = new NodeId("n3");
    NodeId n4 = new NodeId("n4");
    followers.begins(named(N2, 9));
    followers.begins(named(n3, 5));
    assertThat(followers.held(List.of(), 10)).isEqualTo(10);
    assertThat(followers.held(List.of(N2), 10)).isEqualTo(9);
    assertThat(followers.held(List.of(N2, n3), 10)).isEqualTo(9);
    assertThat(followers.held(List.of(N2, n3), 7)).isEqualTo(7);
    assertThat(followers.held(List.of(N2, n3, n4), 10)).as("two of four are none").isEqualTo(5);
  }
}
