package io.ringrift.managers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.Status;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// SPEC 5, generic manager.
final class ErrorsInARowTest {
  private final ErrorsInARow errors = new ErrorsInARow();

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
  void aRefusalIsNoError() {
    fail(20, Status.FAILED_PRECONDITION);
    assertThat(status()).isEqualTo(Health.Status.RUNNING);
  }
}
