package io.ringrift.kernel.membership.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.SideCells;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.chaos.sim.Violation;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.gossip.GossipCell;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The simulation bites: each fault planted in one rule of the detector is caught by an invariant
/// that names it, over seeds that the protocol passes.
final class PlantedViewFaultsTest {
  private static final int SEEDS = 24;

  @Test
  void theProtocolPassesTheSeedsThatCatchTheFaults() {
    assertThat(caught(PollRules.PROTOCOL)).isEmpty();
  }

  @Test
  void aDoubtedNodeThatDoesNotRaiseItsIncarnationIsCaught() {
    var meek =
        new PollRules() {
          @Override
          Incarnation refuting(Incarnation own, Belief ofMe) {
            return own;
          }
        };
    assertThat(caught(meek)).isSubsetOf("NoFalseDeath", "ViewsConverge").isNotEmpty();
  }

  @Test
  void aDeathWithoutSuspicionIsCaught() {
    var hasty =
        new PollRules() {
          @Override
          MemberState silent(
              MemberState state, Duration silence, Duration suspectAfter, Duration deadAfter) {
            return silence.compareTo(deadAfter) > 0 ? MemberState.DEAD : state;
          }
        };
    assertThat(caught(hasty)).containsExactly("SuspicionComesFirst");
  }

  @Test
  void aDeathOfAMemberThatWasHeardLatelyIsCaught() {
    var nervous =
        new PollRules() {
          @Override
          MemberState silent(
              MemberState state, Duration silence, Duration suspectAfter, Duration deadAfter) {
            return super.silent(
                state, silence, suspectAfter.dividedBy(10), suspectAfter.dividedBy(5));
          }
        };
    assertThat(caught(nervous)).containsExactly("NoFalseDeath");
  }

  @Test
  void aDetectorThatNeverGivesUpIsCaught() {
    var loyal =
        new PollRules() {
          @Override
          MemberState silent(
              MemberState state, Duration silence, Duration suspectAfter, Duration deadAfter) {
            return MemberState.ALIVE;
          }
        };
    assertThat(caught(loyal)).containsExactly("CompletenessWithinABound");
  }

  @Test
  void aDepartureThatDoesNotLastIsCaught() {
    var deaf =
        new PollRules() {
          @Override
          boolean counts(MemberState state, Incarnation known, Intro intro) {
            return !known.isAfter(intro.incarnation());
          }
        };
    assertThat(caught(deaf)).containsExactly("LeftIsSticky");
  }

  @Test
  void aLateMessageThatTakesAnIncarnationBackIsCaught() {
    var gullible =
        new PollRules() {
          @Override
          boolean counts(MemberState state, Incarnation known, Intro intro) {
            return state != MemberState.LEFT;
          }
        };
    assertThat(caught(gullible)).containsExactly("IncarnationNeverFalls");
  }

  /// Name of the first invariant that the seeds break.
  private static List<String> caught(PollRules rules) {
    return LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> Sim.run(config(seed, rules)))
        .map(Outcome::violation)
        .flatMap(Optional::stream)
        .map(Violation::invariant)
        .limit(1)
        .toList();
  }

  private static SimConfig config(long seed, PollRules rules) {
    return SimConfig.of(seed, 5, Duration.ofMinutes(20), Timing.lan(), BullyCell.protocol())
        .beside(new SideCells(MembershipCell.with(rules), GossipCell.protocol()));
  }
}
