package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With libfaketime on this machine and without.
final class FakeClockTest {
  @TempDir private Path folder;

  @Test
  void processWithoutAClockOfItsOwnHasTheTrueOne() {
    assertThat(FakeClock.environment(folder)).isEmpty();
  }

  @Test
  void wallClockJumpsAloneAndARateMovesAllClocks() throws IOException {
    FakeClock.ahead(folder, Duration.ofMinutes(-5));
    assertThat(folder.resolve("clock.wall")).hasContent("-300");
    FakeClock.ahead(folder, Duration.ofMinutes(5));
    assertThat(folder.resolve("clock.wall")).hasContent("+300");
    if (FakeClock.obstacle().isPresent()) {
      assertThatThrownBy(() -> FakeClock.environment(folder))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("install faketime");
      return;
    }
    assertThat(FakeClock.environment(folder))
        .containsEntry("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .containsEntry("FAKETIME_TIMESTAMP_FILE", folder.resolve("clock.wall").toString());
    FakeClock.fast(folder, 8);
    assertThat(folder.resolve("clock.all")).hasContent("+0 x1.008");
    assertThat(FakeClock.environment(folder))
        .doesNotContainKey("FAKETIME_DONT_FAKE_MONOTONIC")
        .containsEntry("FAKETIME_TIMESTAMP_FILE", folder.resolve("clock.all").toString());
    FakeClock.right(folder);
    assertThat(FakeClock.environment(folder)).containsKey("FAKETIME_DONT_FAKE_MONOTONIC");
  }

  @Test
  void machineWithoutTheLibraryIsToldWhatToInstall() {
    assertThat(Machine.cannot(FaultKind.CLOCK_JUMP)).isEqualTo(FakeClock.obstacle());
    assertThat(Machine.cannot(FaultKind.CLOCK)).isEqualTo(FakeClock.obstacle());
    assertThat(FakeClock.obstacle(folder.resolve("none")))
        .contains(
            "install faketime: "
                + folder.resolve("none")
                + " is missing (Debian package faketime)");
  }
}
