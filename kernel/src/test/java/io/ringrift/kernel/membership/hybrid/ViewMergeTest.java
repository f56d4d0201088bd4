package io.ringrift.kernel.membership.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// SPEC 2.9 in virtual time.
final class ViewMergeTest {
  private static final NodeId N2 = new NodeId("n2");

  private final ViewMerge merge = new ViewMerge(new NodeId("n1"), Duration.ofSeconds(10));

  @ParameterizedTest
  @CsvSource({
    "ALIVE,ALIVE,ALIVE",
    "SUSPECT,ALIVE,ALIVE",
    "ALIVE,SUSPECT,ALIVE",
    "SUSPECT,SUSPECT,SUSPECT",
    "DEAD,ALIVE,SUSPECT",
    "ALIVE,DEAD,SUSPECT",
    "DEAD,SUSPECT,SUSPECT",
    "DEAD,DEAD,DEAD",
    "LEFT,ALIVE,LEFT",
    "ALIVE,LEFT,LEFT",
    "DEAD,LEFT,LEFT",
  })
  void everyPairHasOneResult(MemberState swim, MemberState polls, MemberState shown) {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    look(1, swim, polls);

    assertThat(merge.members()).extracting(Member::state).containsExactly(shown);
  }

  @Test
  void whoIsKnownToPollsAloneIsWhatTheySay() {
    assertThat(names(merge.look(at(0), List.of(), List.of(member(1, MemberState.ALIVE)))))
        .containsExactly("Joined");
    assertThat(names(merge.look(at(1), List.of(), List.of(member(1, MemberState.DEAD)))))
        .containsExactly("Suspected", "Died");
  }

  @Test
  void sourcesThatTakeTurnsToDoubtShowOneDoubt() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);

    assertThat(look(1, MemberState.DEAD, MemberState.ALIVE)).containsExactly("Suspected");
    assertThat(look(2, MemberState.ALIVE, MemberState.ALIVE)).containsExactly("Refuted");
    assertThat(look(3, MemberState.ALIVE, MemberState.DEAD)).isEmpty();
    assertThat(look(4, MemberState.ALIVE, MemberState.ALIVE)).isEmpty();
    assertThat(look(10, MemberState.DEAD, MemberState.ALIVE)).isEmpty();
    assertThat(look(11, MemberState.DEAD, MemberState.ALIVE)).containsExactly("Suspected");
  }

  @Test
  void deathIsNeverHeldBack() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    look(1, MemberState.DEAD, MemberState.ALIVE);
    look(2, MemberState.ALIVE, MemberState.ALIVE);

    assertThat(look(3, MemberState.DEAD, MemberState.DEAD)).containsExactly("Suspected", "Died");
  }

  @Test
  void theSourceThatSawTheRestartFirstIsFollowed() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);

    var events =
        merge.look(
            at(1), List.of(member(2, MemberState.ALIVE)), List.of(member(1, MemberState.SUSPECT)));

    assertThat(names(events)).containsExactly("Joined");
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(2L);
    assertThat(
            merge.look(
                at(2), List.of(member(2, MemberState.ALIVE)), List.of(member(1, MemberState.DEAD))))
        .isEmpty();
    assertThat(
            merge.look(
                at(3),
                List.of(member(2, MemberState.ALIVE)),
                List.of(member(2, MemberState.ALIVE))))
        .isEmpty();
  }

  @Test
  void aLifeThatGaveWayComesBackWhenNoSourceNamesAnother() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    var late = List.of(member(2, MemberState.ALIVE));
    merge.look(at(1), List.of(member(1, MemberState.ALIVE)), late);
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(2L);

    assertThat(look(2, MemberState.ALIVE, MemberState.ALIVE)).containsExactly("Joined");
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(1L);
  }

  @Test
  void aLifeThatGaveWayAndEndedDoesNotComeBack() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    merge.look(at(1), List.of(member(1, MemberState.ALIVE)), List.of(member(2, MemberState.ALIVE)));

    assertThat(names(merge.look(at(2), List.of(member(1, MemberState.DEAD)), List.of())))
        .containsExactly("Suspected", "Died");
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(2L);
    assertThat(merge.members()).extracting(Member::state).containsExactly(MemberState.DEAD);
    assertThat(merge.look(at(3), List.of(member(1, MemberState.DEAD)), List.of())).isEmpty();
  }

  @Test
  void aLifeThatLeftAndGaveWayDoesNotComeBack() {
    look(0, MemberState.LEFT, MemberState.LEFT);
    merge.look(at(1), List.of(), List.of(member(2, MemberState.ALIVE)));

    var gone = List.of(member(2, MemberState.DEAD, at(1)));
    assertThat(names(merge.look(at(3), List.of(member(1, MemberState.ALIVE, at(2))), gone)))
        .containsExactly("Suspected", "Died");
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(2L);
  }

  @Test
  void aGoodbyeMarksOnlyTheLifeThatSaidIt() {
    look(0, MemberState.LEFT, MemberState.LEFT);
    // This node stood still: one look tells of two lives more.
    merge.look(at(1), List.of(member(3, MemberState.ALIVE)), List.of(member(2, MemberState.ALIVE)));

    var now = List.of(member(3, MemberState.ALIVE));
    merge.look(at(2), now, now);
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(3L);
    assertThat(merge.members()).extracting(Member::state).containsExactly(MemberState.ALIVE);
  }

  @Test
  void aGoodbyeIsKeptWhenTheSourceThatHeardItForgetsFirst() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    assertThat(look(1, MemberState.LEFT, MemberState.DEAD)).containsExactly("Left");

    assertThat(merge.look(at(2), List.of(), List.of(member(1, MemberState.DEAD)))).isEmpty();
    assertThat(merge.members()).extracting(Member::state).containsExactly(MemberState.LEFT);
  }

  @Test
  void aDeathOfTheOtherLifeDoesNotHideTheOneThatIsHeardOf() {
    look(0, MemberState.ALIVE, MemberState.ALIVE);
    merge.look(at(1), List.of(member(1, MemberState.ALIVE)), List.of(member(2, MemberState.ALIVE)));

    var gone = List.of(member(2, MemberState.DEAD, at(3)));
    var early = List.of(member(1, MemberState.ALIVE, at(2)));
    assertThat(names(merge.look(at(4), early, gone))).containsExactly("Suspected", "Died");
    var now = List.of(member(1, MemberState.ALIVE, at(4)));
    assertThat(names(merge.look(at(5), now, gone))).containsExactly("Joined");
    assertThat(merge.members()).extracting(m -> m.boot().value()).containsExactly(1L);
  }

  @Test
  void whoIsForgottenByBothIsPurged() {
    look(0, MemberState.DEAD, MemberState.DEAD);

    assertThat(names(merge.look(at(1), List.of(), List.of()))).containsExactly("Purged");
    assertThat(merge.members()).isEmpty();
  }

  private List<String> look(long second, MemberState swim, MemberState polls) {
    return names(merge.look(at(second), List.of(member(1, swim)), List.of(member(1, polls))));
  }

  private static List<String> names(List<? extends Object> events) {
    return events.stream().map(event -> event.getClass().getSimpleName()).toList();
  }

  private static Moment at(long second) {
    return new Moment(Duration.ofSeconds(second).toNanos());
  }

  private static Member member(long boot, MemberState state) {
    return member(boot, state, Moment.MIN);
  }

  private static Member member(long boot, MemberState state, Moment contact) {
    return new Member(
        N2,
        new BootId(boot),
        Incarnation.ZERO,
        state,
        Optional.of(new Endpoint("n2", 8770)),
        true,
        false,
        contact,
        false,
        0);
  }
}
