package io.ringrift.managers.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.watch.MembershipNews.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MembershipNewsTest {
  private static final List<NodeId> VOTERS =
      Stream.of("n1", "n2", "n3", "n4", "n5").map(NodeId::new).toList();

  private final MembershipNews news = new MembershipNews();
  private final List<News> ledger = new ArrayList<>();
  private Moment now = new Moment(1_000_000_000);

  private Member member(String id, MemberState state, boolean retired) {
    return new Member(
        new NodeId(id),
        new BootId(1),
        Incarnation.ZERO,
        state,
        Optional.of(new Endpoint("127.0.0.1", 1)),
        true,
        false,
        now.minus(Duration.ofSeconds(7)),
        retired,
        0);
  }

  private Member alive(String id) {
    return member(id, MemberState.ALIVE, false);
  }

  /// Records what is due, as the leader does.
  private List<String> look(Member... members) {
    List<News> due = news.due(now, List.of(members), VOTERS, 3);
    for (News each : due) {
      ledger.add(each);
      news.remember(each.kind(), each.subject(), each.attributes());
    }
    return due.stream()
        .filter(n -> !n.subject().equals("quorum"))
        .map(n -> n.kind() + " " + n.subject())
        .toList();
  }

  private String level() {
    return ledger.stream()
        .filter(n -> n.kind().equals("QUORUM_HEALTH_CHANGED"))
        .reduce((_, last) -> last)
        .orElseThrow()
        .attributes()
        .getOrDefault("new_level", "");
  }

  @Test
  void aMemberIsToldWhenItComesAndNotAgain() {
    assertThat(look(alive("n1"))).containsExactly("HOST_ONLINE n1");
    assertThat(look(alive("n1"))).isEmpty();
  }

  @Test
  void silenceAndItsEndAreTold() {
    look(alive("n2"));
    assertThat(look(member("n2", MemberState.SUSPECT, false))).containsExactly("NODE_SUSPECT n2");
    assertThat(ledger.getLast().attributes()).containsEntry("seconds_since_heartbeat", "7");
    assertThat(look(alive("n2"))).containsExactly("NODE_RECOVERED n2");
    assertThat(ledger.getLast().attributes()).containsEntry("recovery_type", "refuted");
  }

  @Test
  void deathReturnAndHowLongItLastedAreTold() {
    look(alive("n2"));
    assertThat(look(member("n2", MemberState.DEAD, false))).containsExactly("HOST_OFFLINE n2");
    assertThat(ledger.getLast().attributes())
        .containsEntry("reason", "dead")
        .containsEntry("seconds_since_heartbeat", "7");
    now = now.plus(Duration.ofSeconds(40));
    assertThat(look(alive("n2"))).containsExactly("NODE_RECOVERED n2", "HOST_ONLINE n2");
    assertThat(ledger.get(ledger.size() - 2).attributes())
        .containsEntry("offline_duration_seconds", "40");
  }

  @Test
  void whoLeavesIsOfflineAndRetiresOnce() {
    look(alive("n2"));
    assertThat(look(member("n2", MemberState.LEFT, false))).containsExactly("HOST_OFFLINE n2");
    assertThat(look(member("n2", MemberState.LEFT, true))).containsExactly("NODE_RETIRED n2");
    assertThat(look(member("n2", MemberState.LEFT, true))).isEmpty();
  }

  @Test
  void aNewLeaderRepeatsNothingAndLeavesNothingOut() {
    look(alive("n1"), alive("n2"), alive("n3"));
    news.reset(now);
    ledger.forEach(n -> news.remember(n.kind(), n.subject(), n.attributes()));
    assertThat(look(alive("n1"), member("n2", MemberState.DEAD, false), alive("n3")))
        .containsExactly("HOST_OFFLINE n2");
  }

  @Test
  void withoutTheOldEventsOnlyWhoIsGoneIsTold() {
    news.reset(now);
    Member[] members = {
      alive("n1"), member("n2", MemberState.DEAD, false), member("n3", MemberState.DEAD, true)
    };
    news.assume(List.of(members));
    assertThat(look(members)).containsExactly("HOST_OFFLINE n2");
  }

  @Test
  void aNewLeaderThatHasHeardOfFewYetHasItsMajority() {
    news.reset(now);
    look(alive("n1"));
    assertThat(ledger).noneMatch(n -> n.kind().equals("QUORUM_HEALTH_CHANGED"));
    now = now.plus(MembershipNews.UNMET);
    look(alive("n1"));
    assertThat(level()).isEqualTo("LOST");
  }

  @Test
  void whoANewLeaderNeverMeetsIsOfflineAfterAMinute() {
    news.remember("HOST_ONLINE", "n9", Map.of());
    look(alive("n1"));
    now = now.plus(MembershipNews.UNMET.minusMillis(1));
    assertThat(look(alive("n1"))).isEmpty();
    now = now.plus(Duration.ofMillis(1));
    assertThat(look(alive("n1"))).containsExactly("HOST_OFFLINE n9");
    assertThat(look(alive("n1"))).isEmpty();
  }

  @Test
  void theLevelOfTheQuorumIsHowManyVotersMayStillFail() {
    look(VOTERS.stream().map(v -> alive(v.value())).toArray(Member[]::new));
    assertThat(level()).isEqualTo("HEALTHY");
    look(alive("n1"), alive("n2"), alive("n3"), alive("n4"));
    assertThat(level()).isEqualTo("DEGRADED");
    look(alive("n1"), alive("n2"), alive("n3"));
    assertThat(level()).isEqualTo("MINIMUM");
    look(alive("n1"), alive("n2"));
    assertThat(level()).isEqualTo("LOST");
    assertThat(ledger.getLast().attributes())
        .containsEntry("old_level", "MINIMUM")
        .containsEntry("alive_voters", "2")
        .containsEntry("quorum_required", "3");
  }
}
