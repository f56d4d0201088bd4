package io.ringrift.kernel.membership.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Lives that gave way to another one, and when they count again.
final class ReturningBootTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final NodeId D = new NodeId("d");
  private static final BootId BOOT = new BootId(1);
  private static final BootId LATER = new BootId(2);
  private static final BootId EARLIER = new BootId(3);
  private static final Incarnation ZERO = Incarnation.ZERO;

  private Moment now = new Moment(0);
  private final PollDetector detector =
      new PollDetector(
          new DetectorConfig(
              A, BOOT, Optional.of(at(A)), Map.of(A, at(A)), List.of(), Timing.wan(), 4),
          now);

  /// The greeting of an earlier boot was long under way and came in behind that of the present one.
  @Test
  void aBootThatALateMessageOfAnEarlierOneReplacedComesBackByItsOwnAnswer() {
    trio();
    admit(C, LATER);
    admit(C, EARLIER);
    keepingTheOthersFor(Duration.ofSeconds(61));
    assertThat(state()).isEqualTo(MemberState.DEAD);

    // Whoever listens is asked: no message that it sent at some time brings it back.
    assertThat(admit(C, LATER)).isEmpty();
    assertThat(tick()).contains(new PollEffect.Greet(at(C)));

    // What came in with the end of the other proves nothing.
    var answer = new PollInput.Admitted(intro(C, LATER, ZERO), Optional.of(at(C)));
    assertThat(step(answer)).isEmpty();
    keepingTheOthersFor(Timing.wan().heartbeat());
    assertThat(step(answer))
        .singleElement()
        .isInstanceOfSatisfying(
            PollEffect.Changed.class,
            changed -> assertThat(changed.event()).isInstanceOf(MembershipEvent.Joined.class));
    assertThat(detector.beliefOf(intro(C, LATER, ZERO))).isPresent();
  }

  @Test
  void aPollOfABootThatWasReplacedHasItGreetedOnceTheOtherIsDead() {
    trio();
    admit(C, LATER);
    admit(C, EARLIER);
    keepingTheOthersFor(Duration.ofSeconds(61));

    step(new PollInput.Polled(intro(C, LATER, ZERO), Optional.empty()));

    assertThat(tick()).contains(new PollEffect.Greet(at(C)));
  }

  @Test
  void aBootThatWasReplacedMayComeBackOnceTheOtherHasLeft() {
    trio();
    admit(C, LATER);
    admit(C, EARLIER);
    step(new PollInput.Goodbye(intro(C, EARLIER, ZERO)));
    keepingTheOthersFor(Timing.wan().heartbeat());

    step(new PollInput.Admitted(intro(C, LATER, ZERO), Optional.of(at(C))));

    assertThat(state()).isEqualTo(MemberState.ALIVE);
    assertThat(detector.beliefOf(intro(C, LATER, ZERO))).isPresent();
  }

  @Test
  void aBootThatSaidGoodbyeNeverComesBack() {
    trio();
    step(new PollInput.Goodbye(intro(C, BOOT, ZERO)));
    admit(C, LATER);
    step(new PollInput.Goodbye(intro(C, LATER, ZERO)));
    keepingTheOthersFor(Timing.wan().heartbeat());

    step(new PollInput.Admitted(intro(C, BOOT, ZERO), Optional.of(at(C))));
    step(new PollInput.Polled(intro(C, BOOT, ZERO), Optional.empty()));

    assertThat(state()).isEqualTo(MemberState.LEFT);
    assertThat(tick()).doesNotContain(new PollEffect.Greet(at(C)));
  }

  private void trio() {
    admit(B, BOOT);
    admit(C, BOOT);
    admit(D, BOOT);
  }

  private List<PollEffect> admit(NodeId id, BootId boot) {
    return step(new PollInput.Admitted(intro(id, boot, ZERO), Optional.empty()));
  }

  private void keepingTheOthersFor(Duration span) {
    for (long second = 0; second < span.toSeconds(); second++) {
      now = now.plus(Duration.ofSeconds(1));
      for (NodeId other : List.of(B, D)) {
        var alive = new Belief(BOOT, ZERO, MemberState.ALIVE);
        step(new PollInput.Polled(intro(other, BOOT, ZERO), Optional.of(alive)));
      }
      tick();
    }
  }

  private List<PollEffect> tick() {
    return step(new PollInput.Tick());
  }

  private List<PollEffect> step(PollInput input) {
    return detector.step(now, input);
  }

  private MemberState state() {
    return detector.members(now).stream()
        .filter(m -> m.id().equals(C))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static Intro intro(NodeId id, BootId boot, Incarnation incarnation) {
    return new Intro(id, boot, incarnation, Optional.of(at(id)), Optional.empty(), Epoch.ZERO);
  }

  private static Endpoint at(NodeId id) {
    return new Endpoint(id.value(), 8770);
  }
}
