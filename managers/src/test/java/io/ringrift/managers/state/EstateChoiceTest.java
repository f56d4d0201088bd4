package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.state.v1.Estate;
import io.ringrift.state.v1.SnapshotInfo;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EstateChoiceTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final Estate NONE = Estate.newBuilder().setState(Estate.State.STATE_NONE).build();
  private static final Estate LOST = Estate.newBuilder().setState(Estate.State.STATE_LOST).build();

  private static Estate present(long epoch, long index) {
    return Estate.newBuilder()
        .setState(Estate.State.STATE_PRESENT)
        .setInfo(SnapshotInfo.newBuilder().setEntryEpoch(epoch).setIndex(index))
        .build();
  }

  private static void assertWaits(Map<NodeId, Estate> estates) {
    assertThat(EstateChoice.among(3, estates)).isInstanceOf(EstateChoice.Wait.class);
  }

  @Test
  void newClusterBeginsWithNothing() {
    assertThat(EstateChoice.among(3, Map.of(A, NONE, B, NONE)))
        .isEqualTo(new EstateChoice.Nothing());
  }

  @Test
  void minorityOfAnswersIsNotEnough() {
    assertWaits(Map.of(A, present(3, 10)));
    assertWaits(Map.of(A, NONE));
  }

  @Test
  void greaterEpochBeatsGreaterIndex() {
    assertThat(EstateChoice.among(3, Map.of(A, present(3, 99), B, present(4, 5), C, NONE)))
        .isEqualTo(new EstateChoice.Of(B));
  }

  @Test
  void greaterIndexWinsWithinAnEpoch() {
    assertThat(EstateChoice.among(3, Map.of(A, present(3, 99), C, present(3, 100))))
        .isEqualTo(new EstateChoice.Of(C));
  }

  @Test
  void laterLifeBeatsWhateverPositionsAnEarlierLogReached() {
    Estate earlier = ofLife(0, present(50, 900));
    Estate later = ofLife(1, present(2, 7));
    assertThat(EstateChoice.among(3, Map.of(A, later, C, earlier)))
        .isEqualTo(new EstateChoice.Of(A));
  }

  private static Estate ofLife(int life, Estate estate) {
    var changed = estate.toBuilder();
    changed.getInfoBuilder().setLogLife(life);
    return changed.build();
  }

  @Test
  void voterThatLostItsStateDoesNotCount() {
    assertWaits(Map.of(A, present(3, 10), B, LOST));
    assertThat(EstateChoice.among(3, Map.of(A, present(3, 10), B, LOST, C, present(3, 9))))
        .isEqualTo(new EstateChoice.Of(A));
  }

  @Test
  void stateOfAMinorityIsNotDroppedForNothing() {
    assertWaits(Map.of(A, present(3, 10), B, NONE, C, NONE));
  }

  @Test
  void onlyVoterDecidesAlone() {
    assertThat(EstateChoice.among(1, Map.of(A, present(3, 10)))).isEqualTo(new EstateChoice.Of(A));
    assertThat(EstateChoice.among(1, Map.of(A, NONE))).isEqualTo(new EstateChoice.Nothing());
  }
}
