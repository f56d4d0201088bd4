package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FormerTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Moment START = new Moment(0);

  private final HeldMachine state = new HeldMachine();
  private final Former former = new Former("n1", SHORT, SHORT);

  private CommandMachine machine() {
    DivisionEvents nobody =
        new DivisionEvents() {
          @Override
          public void applied(Applied now) {}

          @Override
          public void appending(long callId) {}

          @Override
          public void changed() {}
        };
    return new CommandMachine("n1", state, 1000, nobody, () -> {}, _ -> {});
  }

  /// Busy with the state, as long as that is held.
  private CommandMachine busy() {
    state.hold();
    var busy = machine();
    busy.notifyTermIndexUpdated(1, 1);
    await().until(() -> state.inside() == 1);
    return busy;
  }

  @Test
  void noneIsOpenedOverAStateThatAnotherIsBusyWith() {
    var first = busy();
    former.opens(first);
    former.close(START, first::close);
    await().until(() -> former.left(START.plus(SHORT)).orElse("").contains("busy"));
    assertThatThrownBy(() -> former.opens(machine())).isInstanceOf(IllegalStateException.class);
    state.release();
    await().until(() -> former.left(START).isEmpty());
    var second = machine();
    former.opens(second);
    second.close();
  }

  @Test
  void workOnTheWholeStateIsNoHang() {
    var machine = machine();
    assertThat(machine.busyAside()).isFalse();
    state.busyWithAll = true;
    assertThat(machine.busyAside()).isTrue();
    machine.close();
  }

  /// As when opening ended with an error: nobody closes a division then.
  @Test
  void oneThatWasNeverClosedCountsTheSame() {
    var first = busy();
    former.opens(first);
    first.abandon();
    assertThat(former.left(START)).isPresent();
    state.release();
    await().until(() -> former.left(START).isEmpty());
  }

  @Test
  void noneIsOpenedWhileTheFormerIsBeingClosed() {
    var first = machine();
    former.opens(first);
    first.close();
    var closed = new CompletableFuture<String>();
    former.close(START, closed::join);
    assertThat(former.left(START.plus(Duration.ofHours(1))).orElseThrow()).contains("closed");
    closed.complete("now");
    await().until(() -> former.left(START).isEmpty());
  }

  @Test
  void theEndIsRefusedWhileTheStateIsBusy() {
    var first = busy();
    former.opens(first);
    former.close(START, first::close);
    assertThatThrownBy(former::end)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_FAILED))
        .hasMessageContaining("end this process");
    state.release();
    await().until(() -> former.left(START).isEmpty());
    former.end();
  }
}
