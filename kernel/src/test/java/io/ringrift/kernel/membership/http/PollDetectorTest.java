package io.ringrift.kernel.membership.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.http.PollEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Steps of the detector at node `a` with the `wan` figures: heartbeat 15 s, suspect 30 s, dead 60
/// s, retire 1 h, purge 6 h (SPEC 2.2).
class PollDetectorTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final NodeId D = new NodeId("d");
  private static final BootId BOOT = new BootId(1);
  private static final BootId LATER = new BootId(2);
  private static final Incarnation ZERO = Incarnation.ZERO;
  private static final Incarnation ONE = ZERO.next();
  private static final Endpoint SEED = new Endpoint("seed", 8770);

  private final Moment start = new Moment(0);
  private Moment now = start;
  private PollDetector detector =
      new PollDetector(
          new DetectorConfig(
              A,
              BOOT,
              Optional.of(at(A)),
              Map.of(A, at(A), B, at(B)),
              List.of(SEED),
              Timing.wan(),
              4),
          start);

  @Test
  void votersAndSeedsAreGreetedAtOnce() {
    assertThat(tick()).containsExactly(new PollEffect.Greet(at(B)), new PollEffect.Greet(SEED));
  }

  @Test
  void seedsAreGreetedForEver() {
    run(Duration.ofHours(24));

    assertThat(run(Timing.wan().deadAfter().plusSeconds(1)))
        .contains(new PollEffect.Greet(SEED), new PollEffect.Greet(at(B)));
  }

  @Test
  void anAdmittedNodeJoins() {
    assertThat(admit(B, BOOT))
        .containsExactly(
            new PollEffect.Changed(
                new MembershipEvent.Joined(
                    member(B, BOOT, ZERO, MemberState.ALIVE, start, false, 0))));
  }

  @Test
  void aMemberIsPolledOncePerHeartbeatWithTheBeliefAboutIt() {
    admit(B, BOOT);
    var poll = new PollEffect.Poll(B, at(B), new Belief(BOOT, ZERO, MemberState.ALIVE));

    var effects = new ArrayList<PollEffect>();
    for (int i = 0; i < 60; i++) {
      effects.addAll(after(Duration.ofSeconds(1), new PollInput.Tick()));
      if (effects.contains(poll)) {
        step(new PollInput.Answered(B, intro(B, BOOT, ZERO), Optional.of(belief(ZERO))));
      }
    }

    assertThat(effects.stream().filter(poll::equals)).hasSize(4);
  }

  @Test
  void aMemberThatDoesNotAnswerIsPolledAtEachHeartbeatUntilItIsDead() {
    admit(B, BOOT);
    var polls = run(Timing.wan().deadAfter()).stream().filter(PollEffect.Poll.class::isInstance);
    assertThat(polls).hasSize(4);
  }

  @Test
  void aNodeThatOnlyPollsIsGreetedBeforeItCounts() {
    assertThat(step(new PollInput.Polled(intro(C, BOOT, ZERO), Optional.empty()))).isEmpty();

    assertThat(detector.members(now)).extracting(Member::id).containsExactly(A);
    assertThat(tick()).contains(new PollEffect.Greet(at(C)));
  }

  @Test
  void membersLearnedFromOthersAreGreetedAndNeverAliveByHearsay() {
    assertThat(step(new PollInput.Learned(B, List.of(report(C, MemberState.ALIVE))))).isEmpty();

    assertThat(detector.members(now)).extracting(Member::id).containsExactly(A);
    assertThat(tick()).contains(new PollEffect.Greet(at(C)));
  }

  @Test
  void anEndpointLearnedFromOthersIsDroppedWhenNobodyAnswers() {
    step(new PollInput.Learned(B, List.of(report(C, MemberState.ALIVE))));
    run(Duration.ofMinutes(2));

    assertThat(run(Duration.ofMinutes(5))).doesNotContain(new PollEffect.Greet(at(C)));
  }

  @Test
  void silenceMakesSuspectThenDead() {
    trio();

    assertThat(changes(runKeeping(Duration.ofSeconds(30), C, D))).isEmpty();
    var suspected = changes(runKeeping(Duration.ofSeconds(1), C, D));
    assertThat(suspected)
        .containsExactly(
            new MembershipEvent.Suspected(
                member(B, BOOT, ZERO, MemberState.SUSPECT, start, false, 0)));
    assertThat(changes(runKeeping(Duration.ofSeconds(29), C, D))).isEmpty();
    assertThat(changes(runKeeping(Duration.ofSeconds(1), C, D)))
        .containsExactly(
            new MembershipEvent.Died(member(B, BOOT, ZERO, MemberState.DEAD, start, false, 0)));
  }

  @Test
  void aPollReceivedIsEvidenceOfLife() {
    trio();
    runKeeping(Duration.ofSeconds(31), C, D);

    assertThat(changes(step(new PollInput.Polled(intro(B, BOOT, ONE), Optional.empty()))))
        .containsExactly(
            new MembershipEvent.Refuted(member(B, BOOT, ONE, MemberState.ALIVE, now, false, 1)));
  }

  @Test
  void aLateMessageOfAnOlderIncarnationIsNoEvidence() {
    trio();
    step(new PollInput.Polled(intro(B, BOOT, ONE), Optional.empty()));
    runKeeping(Duration.ofSeconds(31), C, D);

    assertThat(step(new PollInput.Polled(intro(B, BOOT, ZERO), Optional.empty()))).isEmpty();
    assertThat(state(B)).isEqualTo(MemberState.SUSPECT);
  }

  @Test
  void theDeadAreStickyForTheirIncarnation() {
    killB();

    assertThat(step(new PollInput.Polled(intro(B, BOOT, ZERO), Optional.empty()))).isEmpty();

    assertThat(state(B)).isEqualTo(MemberState.DEAD);
    assertThat(tick())
        .contains(new PollEffect.Poll(B, at(B), new Belief(BOOT, ZERO, MemberState.DEAD)));
  }

  @Test
  void directEvidenceWithAHigherIncarnationRevivesTheDead() {
    killB();

    assertThat(
            changes(
                step(new PollInput.Answered(B, intro(B, BOOT, ONE), Optional.of(belief(ZERO))))))
        .containsExactly(
            new MembershipEvent.Joined(member(B, BOOT, ONE, MemberState.ALIVE, now, false, 1)));
  }

  @Test
  void whoLeftStaysLeftInThatBoot() {
    trio();
    assertThat(changes(step(new PollInput.Goodbye(intro(B, BOOT, ZERO)))))
        .containsExactly(
            new MembershipEvent.Left(member(B, BOOT, ZERO, MemberState.LEFT, start, false, 0)));

    assertThat(step(new PollInput.Polled(intro(B, BOOT, ONE), Optional.empty()))).isEmpty();
    assertThat(admit(B, BOOT)).isEmpty();
    assertThat(state(B)).isEqualTo(MemberState.LEFT);
  }

  @Test
  void aNewBootIsANewLifeAtItsNewAddress() {
    trio();
    step(new PollInput.Goodbye(intro(B, BOOT, ONE)));
    var moved = new Endpoint("elsewhere", 9000);
    var intro = new Intro(B, LATER, ZERO, Optional.of(moved), Optional.empty(), Epoch.ZERO);

    var effects = step(new PollInput.Admitted(intro, Optional.empty()));

    assertThat(changes(effects)).hasSize(1).allMatch(MembershipEvent.Joined.class::isInstance);
    Member life = changes(effects).getFirst().member();
    assertThat(life.boot()).isEqualTo(LATER);
    assertThat(life.incarnation()).isEqualTo(ZERO);
    assertThat(life.endpoint()).contains(moved);
  }

  @Test
  void aBootThatWasReplacedDoesNotComeBack() {
    trio();
    admit(B, LATER);

    assertThat(admit(B, BOOT))
        .singleElement()
        .isInstanceOfSatisfying(
            PollEffect.Report.class,
            report -> assertThat(report.trouble()).isEqualTo(Trouble.DUPLICATE_ID));
    assertThat(detector.beliefOf(intro(B, LATER, ZERO))).isPresent();
  }

  @Test
  void whoLearnsThatItIsSuspectedRaisesItsIncarnation() {
    step(
        new PollInput.Polled(
            intro(B, BOOT, ZERO), Optional.of(new Belief(BOOT, ZERO, MemberState.SUSPECT))));

    assertThat(detector.incarnation()).isEqualTo(ONE);
  }

  @Test
  void aSuspicionOfAnEarlierBootIsNotAnswered() {
    step(
        new PollInput.Polled(
            intro(B, BOOT, ZERO), Optional.of(new Belief(LATER, ZERO, MemberState.DEAD))));

    assertThat(detector.incarnation()).isEqualTo(ZERO);
  }

  @Test
  void theDeadAreRetiredThenPurged() {
    killB();

    assertThat(changes(runKeeping(Duration.ofMinutes(61), C, D)))
        .singleElement()
        .isInstanceOfSatisfying(
            MembershipEvent.Retired.class, e -> assertThat(e.member().retired()).isTrue());
    assertThat(changes(runKeeping(Duration.ofHours(5), C, D)))
        .singleElement()
        .isInstanceOf(MembershipEvent.Purged.class);
    assertThat(detector.members(now)).extracting(Member::id).doesNotContain(B);
  }

  @Test
  void whoHearsFromNoMajorityDoubtsItselfFirst() {
    trio();

    assertThat(changes(run(Duration.ofSeconds(60)))).isEmpty();
    assertThat(detector.doubt()).isEqualTo(2);
    assertThat(changes(run(Duration.ofSeconds(2))))
        .hasSize(3)
        .allMatch(MembershipEvent.Suspected.class::isInstance);
    assertThat(changes(run(Duration.ofSeconds(60))))
        .hasSize(3)
        .allMatch(MembershipEvent.Died.class::isInstance);
  }

  @Test
  void anOwnStallIsNoSilenceOfOthers() {
    trio();

    assertThat(changes(after(Duration.ofMinutes(10), new PollInput.Tick()))).isEmpty();
  }

  @Test
  void anOutboundOnlyNodeIsAliveByAVotersWord() {
    var report = outbound(Duration.ofSeconds(5), false);

    assertThat(changes(step(new PollInput.Learned(B, List.of(report)))))
        .singleElement()
        .isInstanceOf(MembershipEvent.Joined.class);
    assertThat(detector.relayed(D)).isTrue();
    assertThat(detector.members(now).getLast().lastContact())
        .isEqualTo(now.minus(Duration.ofSeconds(5)));
  }

  @Test
  void anOutboundOnlyNodeIsNotBelievedFromNonVotersOrAtSecondHand() {
    assertThat(step(new PollInput.Learned(C, List.of(outbound(Duration.ZERO, false))))).isEmpty();
    assertThat(step(new PollInput.Learned(B, List.of(outbound(Duration.ZERO, true))))).isEmpty();
  }

  @Test
  void aRelayedNodeIsSuspectedByTheAgeOfItsEvidence() {
    trio();
    step(new PollInput.Goodbye(intro(D, BOOT, ZERO)));
    var e = new NodeId("e");
    step(new PollInput.Learned(B, List.of(outbound(e, Duration.ofSeconds(25)))));

    assertThat(changes(runKeeping(Duration.ofSeconds(6), B, C)))
        .singleElement()
        .isInstanceOf(MembershipEvent.Suspected.class);
  }

  @Test
  void twoNodesAtOneEndpointAreReported() {
    admit(B, BOOT);
    var thief = new Intro(C, BOOT, ZERO, Optional.of(at(B)), Optional.empty(), Epoch.ZERO);

    assertThat(step(new PollInput.Admitted(thief, Optional.empty())))
        .contains(new PollEffect.Report(Trouble.ENDPOINT_CONFLICT, "c and b both claim b:8770"));
  }

  @Test
  void theTableIsBoundedAndTheLivingStay() {
    trio();
    admit(new NodeId("e"), BOOT);

    assertThat(admit(new NodeId("f"), BOOT))
        .singleElement()
        .isInstanceOfSatisfying(
            PollEffect.Report.class,
            report -> assertThat(report.trouble()).isEqualTo(Trouble.TABLE_FULL));
  }

  @Test
  void whoLeavesPollsNobody() {
    trio();
    step(new PollInput.Leave());

    assertThat(run(Duration.ofSeconds(25))).isEmpty();
    assertThat(detector.members(now).getFirst().state()).isEqualTo(MemberState.LEFT);
  }

  private void trio() {
    admit(B, BOOT);
    admit(C, BOOT);
    admit(D, BOOT);
  }

  private void killB() {
    trio();
    runKeeping(Duration.ofSeconds(62), C, D);
    assertThat(state(B)).isEqualTo(MemberState.DEAD);
  }

  private List<PollEffect> admit(NodeId id, BootId boot) {
    return step(new PollInput.Admitted(intro(id, boot, ZERO), Optional.empty()));
  }

  private List<PollEffect> step(PollInput input) {
    return detector.step(now, input);
  }

  private List<PollEffect> tick() {
    return step(new PollInput.Tick());
  }

  private List<PollEffect> after(Duration span, PollInput input) {
    now = now.plus(span);
    return step(input);
  }

  private List<PollEffect> run(Duration span) {
    return runKeeping(span);
  }

  /// Ticks every second; the named members are heard from every ten.
  private List<PollEffect> runKeeping(Duration span, NodeId... heard) {
    var effects = new ArrayList<PollEffect>();
    for (long i = 0; i < span.toSeconds(); i++) {
      now = now.plus(Duration.ofSeconds(1));
      if (now.nanos() / 1_000_000_000L % 10 == 0) {
        for (NodeId id : heard) {
          effects.addAll(
              step(new PollInput.Polled(intro(id, BOOT, ZERO), Optional.of(belief(ZERO)))));
        }
      }
      effects.addAll(tick());
    }
    return effects;
  }

  private MemberState state(NodeId id) {
    return detector.members(now).stream()
        .filter(m -> m.id().equals(id))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static List<MembershipEvent> changes(List<PollEffect> effects) {
    return effects.stream()
        .filter(PollEffect.Changed.class::isInstance)
        .map(effect -> ((PollEffect.Changed) effect).event())
        .toList();
  }

  private static Endpoint at(NodeId id) {
    return new Endpoint(id.value(), 8770);
  }

  private static Intro intro(NodeId id, BootId boot, Incarnation incarnation) {
    return new Intro(id, boot, incarnation, Optional.of(at(id)), Optional.empty(), Epoch.ZERO);
  }

  private static Belief belief(Incarnation incarnation) {
    return new Belief(BOOT, incarnation, MemberState.ALIVE);
  }

  private static Member member(
      NodeId id,
      BootId boot,
      Incarnation incarnation,
      MemberState state,
      Moment contact,
      boolean retired,
      int flaps) {
    return new Member(
        id,
        boot,
        incarnation,
        state,
        Optional.of(at(id)),
        id.equals(B),
        false,
        contact,
        retired,
        flaps);
  }

  private static MemberReport report(NodeId id, MemberState state) {
    return new MemberReport(
        id, BOOT, ZERO, state, Optional.of(at(id)), false, false, false, Duration.ZERO, 0, false);
  }

  private static MemberReport outbound(Duration age, boolean relayed) {
    return new MemberReport(
        D, BOOT, ZERO, MemberState.ALIVE, Optional.empty(), false, true, false, age, 0, relayed);
  }

  private static MemberReport outbound(NodeId id, Duration age) {
    return new MemberReport(
        id, BOOT, ZERO, MemberState.ALIVE, Optional.empty(), false, true, false, age, 0, false);
  }
}
