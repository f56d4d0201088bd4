package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nodes whose clocks are minutes apart.
final class ClocksApartTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

  private static Timestamp time(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /// What a node tells whose clock is ahead, of a file of that age.
  private static Manifest told(Duration ahead, Duration age) {
    return Manifest.newBuilder()
        .setCollectTime(time(NOW.plus(ahead)))
        .addFiles(
            FileEntry.newBuilder()
                .setPath("selfplay/hex5_2p/x.db")
                .setModifiedTime(time(NOW.plus(ahead).minus(age))))
        .build();
  }

  private static Duration age(Manifest manifest) {
    var told = TheirClock.byOurs(manifest, NOW, NOW).getFiles(0).getModifiedTime();
    return Duration.between(Instant.ofEpochSecond(told.getSeconds(), told.getNanos()), NOW);
  }

  @ParameterizedTest
  @ValueSource(ints = {-300, -3, 0, 3, 300})
  void aFileIsAsOldAsItIsWhateverItsNodesClockSays(int ahead) {
    assertThat(age(told(Duration.ofSeconds(ahead), Duration.ofSeconds(20))))
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
  }

  @Test
  void theNewestFileIsTheYoungestAndNotThatOfTheClockThatIsAhead() {
    Duration young = age(told(Duration.ofMinutes(-5), Duration.ofSeconds(10)));
    Duration old = age(told(Duration.ofMinutes(5), Duration.ofSeconds(200)));
    assertThat(young).isLessThan(old);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 15, 30})
  void aLongScanOrWayIsNoDifferenceOfClocks(int after) {
    var manifest = told(Duration.ofSeconds(after), Duration.ofSeconds(20));
    assertThat(TheirClock.byOurs(manifest, NOW, NOW.plusSeconds(30))).isSameAs(manifest);
  }

  @Test
  void timesThatCannotBeAreHeldWithinReason() {
    var absurd =
        Manifest.newBuilder()
            .setCollectTime(Timestamp.newBuilder().setSeconds(Long.MIN_VALUE))
            .addFiles(
                FileEntry.newBuilder()
                    .setModifiedTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)))
            .build();
    assertThat(age(absurd)).isZero();
  }
}
