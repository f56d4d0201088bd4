package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.MaintainQueue;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The office moves to a node whose wall clock is minutes off: ledger time alone counts.
final class WallClocksApartTest {
  private static final long LEASE_MILLIS = 60_000;

  private final Ledgers ledger = new Ledgers();

  private WorkState afterMaintenance() {
    ledger.apply(
        Command.newBuilder()
            .setMaintainQueue(MaintainQueue.newBuilder().setKeepEndedMillis(86_400_000)));
    return Objects.requireNonNull(ledger.state.work().get("x")).getState();
  }

  @ParameterizedTest
  @ValueSource(longs = {-300_000, 300_000})
  void aLeaseEndsAfterItsLengthWhateverTheNextLeadersClockSays(long ahead) {
    ledger.addWork("x", Ledgers.selfplay());
    assertThat(ledger.claim("w", 1).getItemsCount()).isEqualTo(1);
    ledger.wallAhead = ahead;
    ledger.lead("n2");
    ledger.ledgerMillis += LEASE_MILLIS - 1000;
    assertThat(afterMaintenance()).isEqualTo(WorkState.WORK_STATE_CLAIMED);
    ledger.ledgerMillis += 2000;
    assertThat(afterMaintenance()).isEqualTo(WorkState.WORK_STATE_PENDING);
  }
}
