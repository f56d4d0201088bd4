package io.ringrift.kernel.membership.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the voter `a`, which holds the stream of the outbound-only node `w`, makes of the word of
/// the voter `b`, which holds one as well.
class HearsayTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId W = new NodeId("w");
  private static final BootId BOOT = new BootId(1);

  private Moment now = new Moment(0);
  private final PollDetector detector =
      new PollDetector(
          new DetectorConfig(
              A, BOOT, Optional.of(at(A)), Map.of(A, at(A), B, at(B)), List.of(), Timing.wan(), 10),
          now);

  @Test
  void aVoterKeepsItsOwnWordBesideAYoungerOneOfAnother() {
    heardDirectly();
    after(Duration.ofSeconds(10));

    heardFromB();

    assertThat(detector.relayed(W)).isFalse();
  }

  @Test
  void aVoterThatHearsNothingItselfTakesTheWordOfAnother() {
    heardDirectly();
    after(Duration.ofSeconds(31));

    heardFromB();

    assertThat(detector.relayed(W)).isTrue();
  }

  private void after(Duration span) {
    for (long second = 0; second < span.toSeconds(); second++) {
      now = now.plus(Duration.ofSeconds(1));
      var _ = detector.step(now, new PollInput.Tick());
    }
  }

  @Test
  void noWordOfALongReplacedBootCounts() {
    heardDirectly(new BootId(1));
    heardDirectly(new BootId(2));
    heardDirectly(new BootId(3));
    after(Duration.ofSeconds(31));

    heardFromB();

    assertThat(detector.members(now).getLast().boot()).isEqualTo(new BootId(3));
  }

  @Test
  void theWordOfAReplacedBootCountsOnceTheOtherIsDead() {
    heardDirectly(BOOT);
    heardDirectly(new BootId(2));
    after(Duration.ofSeconds(121));
    heardFromB(Duration.ofSeconds(2));
    assertThat(detector.members(now).getLast().boot()).isEqualTo(new BootId(2));

    after(Duration.ofSeconds(4));
    heardFromB();

    assertThat(detector.members(now).getLast().boot()).isEqualTo(BOOT);
    assertThat(detector.members(now).getLast().state()).isEqualTo(MemberState.ALIVE);
  }

  @Test
  void anOutboundOnlyNodeComesBackByItsOwnGreeting() {
    heardDirectly(BOOT);
    heardDirectly(new BootId(2));
    after(Duration.ofSeconds(121));
    heardDirectly(BOOT);
    assertThat(detector.members(now).getLast().boot()).isEqualTo(new BootId(2));

    after(Timing.wan().heartbeat());
    heardDirectly(BOOT);
    assertThat(detector.members(now).getLast().boot()).isEqualTo(BOOT);
  }

  private void heardDirectly() {
    heardDirectly(BOOT);
  }

  private void heardDirectly(BootId boot) {
    var intro =
        new Intro(W, boot, Incarnation.ZERO, Optional.empty(), Optional.empty(), Epoch.ZERO);
    var _ = detector.step(now, new PollInput.Admitted(intro, Optional.empty()));
  }

  private void heardFromB() {
    heardFromB(Duration.ZERO);
  }

  private void heardFromB(Duration age) {
    var report =
        new MemberReport(
            W,
            BOOT,
            Incarnation.ZERO,
            MemberState.ALIVE,
            Optional.empty(),
            false,
            true,
            false,
            age,
            0,
            false);
    var _ = detector.step(now, new PollInput.Learned(B, List.of(report)));
  }

  private static Endpoint at(NodeId id) {
    return new Endpoint(id.value(), 8770);
  }
}
