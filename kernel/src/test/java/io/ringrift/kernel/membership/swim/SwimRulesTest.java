package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.swim.Sighting.Standing;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The pure rules around ScaleCube, in virtual time.
final class SwimRulesTest {
  private static final Timing LAN = Timing.lan();
  private static final Duration HOLD = Duration.ofSeconds(6);
  private static final NodeId N2 = new NodeId("n2");

  private final SwimView view =
      new SwimView(new NodeId("n1"), Set.of(N2, new NodeId("n3")), LAN, HOLD, 3);

  @Test
  void presetsMeetTheDeadTimeoutAmongSevenMembers() {
    for (Timing timing : List.of(Timing.wan(), Timing.lan(), Timing.local())) {
      var swim = SwimTiming.of(timing);
      assertThat(swim.faults()).isEmpty();
      assertThat(swim.expectedDetection(7))
          .isLessThan(timing.deadAfter().multipliedBy(11).dividedBy(10));
    }
  }

  @Test
  void presetsArePinned() {
    var lan = SwimTiming.of(LAN);
    assertThat(lan.pingInterval()).isEqualTo(Duration.ofMillis(500));
    assertThat(lan.pingTimeout()).isEqualTo(Duration.ofMillis(300));
    assertThat(lan.indirectPings()).isEqualTo(3);
    assertThat(lan.suspicion(7)).isEqualTo(Duration.ofMillis(4500));
    assertThat(lan.syncInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(SwimTiming.of(Timing.wan()).pingInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(lan.withSuspicion(Duration.ofSeconds(3)).suspicion(7))
        .isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aMemberIsSuspectBeforeItIsDead() {
    look(0, sighting(1, Standing.ALIVE));

    assertThat(look(1)).containsExactly("Suspected", "Died");
    assertThat(state()).isEqualTo(MemberState.DEAD);
  }

  @Test
  void aRemovalIsHeldWhileThisNodeDoubtsItself() {
    look(0, sighting(1, Standing.ALIVE));
    look(1, sighting(1, Standing.SUSPECT));

    assertThat(doubtful(2)).isEmpty();
    assertThat(doubtful(7)).isEmpty();
    assertThat(doubtful(8)).containsExactly("Died");
  }

  @Test
  void aHeldRemovalIsRefutedByTheMember() {
    look(0, sighting(1, Standing.ALIVE));
    assertThat(doubtful(1)).containsExactly("Suspected");

    assertThat(look(2, sighting(1, Standing.ALIVE))).containsExactly("Refuted");
  }

  @Test
  void leftIsStickyForTheBoot() {
    look(0, sighting(1, Standing.ALIVE));
    assertThat(look(1, sighting(1, Standing.LEAVING))).containsExactly("Left");

    assertThat(look(2, sighting(1, Standing.ALIVE))).isEmpty();
    assertThat(look(3)).isEmpty();
    assertThat(look(4, sighting(2, Standing.ALIVE))).containsExactly("Joined");
  }

  @Test
  void aReplacedLifeNeverComesBack() {
    look(0, sighting(1, Standing.ALIVE));
    assertThat(look(1, sighting(2, Standing.ALIVE))).containsExactly("Joined");

    look(2, sighting(1, Standing.ALIVE), sighting(2, Standing.ALIVE));
    assertThat(members()).extracting(m -> m.boot().value()).containsExactly(2L);
    look(3, sighting(2, Standing.ALIVE), sighting(1, Standing.ALIVE));
    assertThat(members()).extracting(m -> m.boot().value()).containsExactly(2L);
  }

  @Test
  void aLifeThatAnEarlierOneReplacedComesBackOnceThatIsDead() {
    look(0, sighting(2, Standing.ALIVE));
    // A newcomer's first table may hold an earlier life too, which nobody has probed yet.
    look(1, sighting(2, Standing.ALIVE), sighting(1, Standing.ALIVE));
    assertThat(look(2, sighting(2, Standing.ALIVE))).containsExactly("Suspected", "Died");

    assertThat(look(4, heard(2, Standing.ALIVE, 3))).containsExactly("Joined");
    assertThat(members()).extracting(m -> m.boot().value()).containsExactly(2L);
  }

  /// ScaleCube drops an earlier life when it is probed, which may be after the end of the next.
  @Test
  void aReplacedLifeThatNobodyHearsOfStaysAway() {
    look(0, sighting(1, Standing.ALIVE));
    look(1, sighting(2, Standing.ALIVE), sighting(1, Standing.ALIVE));
    assertThat(look(2, sighting(1, Standing.ALIVE))).containsExactly("Suspected", "Died");
    assertThat(look(3, heard(1, Standing.ALIVE, 1))).isEmpty();
    assertThat(look(4, heard(1, Standing.LEAVING, 4))).isEmpty();
    assertThat(state()).isEqualTo(MemberState.DEAD);
  }

  @Test
  void aReplacedLifeThatLeftStaysAway() {
    look(0, sighting(1, Standing.ALIVE));
    look(1, sighting(1, Standing.LEAVING));
    look(2, sighting(2, Standing.ALIVE));
    look(3);

    assertThat(look(5, heard(1, Standing.ALIVE, 5))).isEmpty();
    assertThat(state()).isEqualTo(MemberState.DEAD);
  }

  @Test
  void theSameLifeMayComeBackAfterDeath() {
    look(0, sighting(1, Standing.ALIVE));
    look(1);

    assertThat(look(2, sighting(1, Standing.ALIVE))).containsExactly("Joined");
    assertThat(members().getFirst().flapCount()).isEqualTo(1);
  }

  @Test
  void theDeadAreRetiredThenForgotten() {
    look(0, sighting(1, Standing.ALIVE));
    look(1);

    assertThat(look(2 + LAN.retireAfter().toSeconds())).containsExactly("Retired");
    assertThat(members().getFirst().retired()).isTrue();
    assertThat(look(2 + LAN.purgeAfter().toSeconds())).containsExactly("Purged");
    assertThat(members()).isEmpty();
  }

  @Test
  void theTableIsBoundedAndTheLivingStay() {
    look(0, of("a", 1), of("b", 1), of("c", 1));

    assertThat(look(1, of("a", 1), of("b", 1), of("c", 1), of("d", 1)))
        .containsExactly("TABLE_FULL");
    look(2, of("a", 1), of("b", 1));
    assertThat(look(3, of("a", 1), of("b", 1), of("d", 1))).containsExactly("Purged", "Joined");
  }

  @Test
  void healthFallsByStallsAndMissedProbesAndRisesByAnswers() {
    var health = sound();
    health.tick(at(0));
    health.tick(at(2));
    assertThat(health.doubts()).isFalse();
    health.missed();
    assertThat(health.doubts()).isTrue();
    health.answered();
    assertThat(health.doubts()).isFalse();
    for (int i = 0; i < 20; i++) {
      health.missed();
    }
    assertThat(health.score()).isEqualTo(8);
  }

  @Test
  void aBeginnerDoubtsItselfUntilItIsAnswered() {
    var health = new LocalHealth(Duration.ofMillis(500));
    assertThat(health.doubts()).isTrue();
    assertThat(new ProbeJudge(health, Duration.ofMillis(250)).missed(at(0), "n2")).isFalse();
    assertThat(sound().doubts()).isFalse();
  }

  @Test
  void oneDeadAmongThreeIsNoReasonToDoubtOneself() {
    var health = sound();
    var judge = new ProbeJudge(health, Duration.ofMillis(250));
    for (int i = 0; i < 20; i++) {
      judge.answered("living");
      assertThat(judge.missed(at(i), "dead")).isTrue();
      assertThat(health.doubts()).isFalse();
    }
  }

  @Test
  void whoGetsNoAnswerAtAllSuspectsLater() {
    var health = sound();
    var judge = new ProbeJudge(health, Duration.ofMillis(250));
    for (int i = 0; i < 8; i++) {
      judge.missed(at(i), "other" + i);
    }

    assertThat(judge.missed(at(10), "a")).isFalse();
    // each helper without an answer tells of the same round
    assertThat(judge.missed(at(10), "a")).isFalse();
    int rounds = 1;
    while (!judge.missed(at(10 + rounds), "a")) {
      rounds++;
    }
    assertThat(rounds).isEqualTo(4);
  }

  private static LocalHealth sound() {
    var health = new LocalHealth(Duration.ofMillis(500));
    for (int i = 0; i < 8; i++) {
      health.answered();
    }
    return health;
  }

  private List<String> look(long second, Sighting... table) {
    return shown(view.look(at(second), List.of(table), false));
  }

  private List<String> doubtful(long second) {
    return shown(view.look(at(second), List.of(), true));
  }

  private static List<String> shown(List<SwimEffect> effects) {
    return effects.stream()
        .map(
            effect ->
                switch (effect) {
                  case SwimEffect.Changed(var event) -> event.getClass().getSimpleName();
                  case SwimEffect.Report(var trouble, _) -> trouble.name();
                })
        .toList();
  }

  private List<Member> members() {
    return new ArrayList<>(view.members());
  }

  private MemberState state() {
    return members().getFirst().state();
  }

  private static Moment at(long second) {
    return new Moment(Duration.ofSeconds(second).toNanos());
  }

  private static Sighting sighting(long boot, Standing standing) {
    return new Sighting(
        N2, new BootId(boot), Incarnation.ZERO, standing, new Endpoint("n2", 8770), Moment.MIN);
  }

  private static Sighting heard(long boot, Standing standing, long second) {
    return new Sighting(
        N2, new BootId(boot), Incarnation.ZERO, standing, new Endpoint("n2", 8770), at(second));
  }

  private static Sighting of(String id, long boot) {
    return new Sighting(
        new NodeId(id),
        new BootId(boot),
        Incarnation.ZERO,
        Standing.ALIVE,
        new Endpoint(id, 8770),
        Moment.MIN);
  }
}
