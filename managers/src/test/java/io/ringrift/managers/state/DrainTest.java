package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.state.v1.SetDrain;
import org.junit.jupiter.api.Test;

/// Drains that lift themselves.
final class DrainTest {
  private final Ledgers ledger = new Ledgers();

  private CommandResult set(boolean drain, long millis) {
    return ledger.apply(
        Command.newBuilder()
            .setSetDrain(
                SetDrain.newBuilder().setNodeId("w").setDrain(drain).setLiftedAfterMillis(millis)));
  }

  private boolean drainedAfter(long millis) {
    ledger.ledgerMillis += millis;
    ledger.apply(Command.newBuilder().setMaintainQueue(MaintainQueue.newBuilder()));
    return ledger.state.drains().contains("w");
  }

  @Test
  void aDrainWithATimeIsLiftedWhenThatIsOver() {
    var _ = set(true, 10_000);
    assertThat(drainedAfter(9_999)).isTrue();
    assertThat(drainedAfter(1)).isFalse();
  }

  @Test
  void aDrainWithoutATimeStays() {
    var _ = set(true, 0);
    assertThat(drainedAfter(86_000_000)).isTrue();
  }

  /// Somebody else's.
  @Test
  void aShorterDrainDoesNotEndALongerOne() {
    var _ = set(true, 0);
    var _ = set(true, 1_000);
    assertThat(drainedAfter(2_000)).isTrue();
    var _ = set(false, 0);
    assertThat(drainedAfter(0)).isFalse();
    var _ = set(true, 10_000);
    var _ = set(true, 1_000);
    assertThat(drainedAfter(5_000)).isTrue();
  }

  @Test
  void aLongerDrainTakesThePlaceOfAShorterOne() {
    var _ = set(true, 1_000);
    var _ = set(true, 10_000);
    assertThat(drainedAfter(5_000)).isTrue();
    var _ = set(true, 0);
    assertThat(drainedAfter(50_000)).isTrue();
  }

  /// Its view of who drains may be older than the operator's drain.
  @Test
  void aDrainOfAutoScalingDoesNotTakeThePlaceOfAnOperators() {
    var _ = set(true, 10_000);
    var _ =
        ledger.apply(
            Command.newBuilder()
                .setSetDrain(
                    SetDrain.newBuilder().setNodeId("w").setDrain(true).setRemoving(true)));
    assertThat(ledger.state.drains().removing()).isEmpty();
    assertThat(drainedAfter(10_000)).isFalse();
  }

  @Test
  void aTimeIsOfADrainAloneAndBounded() {
    assertThat(set(false, 1_000).getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(set(true, 31L * 86_400_000).getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(set(true, -1).getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(ledger.state.drains().nodes()).isEmpty();
  }
}
