package io.ringrift.managers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.ringrift.kernel.time.Moment;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// SPEC 5, generic manager.
final class ErrorsInARowTest {
  private Moment now = new Moment(0);
  private final ErrorsInARow errors = new ErrorsInARow(() -> now);

  private void fail(int times, Status how) {
    for (int i = 0; i < times; i++) {
      assertThat(
              catchThrowable(
                  () ->
                      errors.count(
                          () -> {
                            throw how.asRuntimeException();
                          })))
          .isNotNull();
    }
  }

  private Health.Status status() {
    return errors.health(Map.of()).status();
  }

  @Test
  void moreThanFiveErrorsAreDegradedAndMoreThanTenAnError() {
    fail(5, Status.INTERNAL);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
    fail(1, Status.INTERNAL);
    assertThat(status()).isEqualTo(Health.Status.DEGRADED);
    fail(5, Status.DEADLINE_EXCEEDED);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
    assertThat(errors.count(() -> "well")).isEqualTo("well");
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void errorsAreForgottenWhenNobodyAsksAnyMore() {
    fail(20, Status.INTERNAL);
    now = now.plus(ErrorsInARow.REMEMBERED);
    assertThat(status()).isEqualTo(Health.Status.ERROR);
    now = now.plus(ErrorsInARow.REMEMBERED);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
    fail(1, Status.INTERNAL);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void whoWaitsTooShortATimeMakesNobodySick() {
    try (var timer = Executors.newSingleThreadScheduledExecutor();
        var patience =
            Context.current().withDeadline(Deadline.after(-1, TimeUnit.SECONDS), timer)) {
      patience.run(() -> fail(20, Status.DEADLINE_EXCEEDED));
    }
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void aRefusalIsNoError() {
    fail(20, Status.FAILED_PRECONDITION);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }
}
