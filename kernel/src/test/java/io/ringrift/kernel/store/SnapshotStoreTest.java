package io.ringrift.kernel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotStoreTest {
  @TempDir Path folder;

  private static LogPosition at(long epoch, long index) {
    return new LogPosition(new Epoch(epoch), index);
  }

  private static void save(SnapshotStore store, LogPosition position, String text) {
    store.save(position, out -> out.write(text.getBytes(UTF_8)));
  }

  @Test
  void withoutAFileThereIsNoSnapshot() {
    var store = SnapshotStore.open(folder);
    assertThat(store.newest()).isEmpty();
    assertThat(store.position()).isEqualTo(LogPosition.START);
  }

  @Test
  void theNewestSnapshotComesBack() {
    save(SnapshotStore.open(folder), at(1, 5), "five");
    save(SnapshotStore.open(folder), at(2, 9), "nine");
    var newest = SnapshotStore.open(folder).newest().orElseThrow();
    assertThat(newest.position()).isEqualTo(at(2, 9));
    assertThat(newest.data()).asString(UTF_8).isEqualTo("nine");
  }

  @Test
  void thePlaceOfTheNewestIsKnownAfterEachChange() {
    save(SnapshotStore.open(folder), at(1, 5), "five");
    var store = SnapshotStore.open(folder);
    assertThat(store.position()).isEqualTo(at(1, 5));
    save(store, at(2, 9), "nine");
    assertThat(store.position()).isEqualTo(at(2, 9));
    store.discardNewest(folder.resolve("aside"));
    assertThat(store.position()).isEqualTo(at(1, 5));
  }

  @Test
  void onlyTheTwoNewestAreKept() throws IOException {
    var store = SnapshotStore.open(folder);
    for (int i = 1; i <= 5; i++) {
      save(store, at(1, i), "x");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
    assertThat(store.position()).isEqualTo(at(1, 5));
  }

  @Test
  void aSnapshotLargerThanAnyReaderTakesIsNotWritten() throws IOException {
    var store = SnapshotStore.open(folder, 10);
    save(store, at(1, 5), "ten bytes.");
    assertThatThrownBy(() -> save(store, at(1, 9), "eleven byte"))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.BACKPRESSURE));
    assertThat(store.newest().orElseThrow().position()).isEqualTo(at(1, 5));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aFailedWriteLeavesTheOlderSnapshot() {
    var store = SnapshotStore.open(folder);
    save(store, at(1, 5), "five");
    assertThatThrownBy(
            () ->
                store.save(
                    at(1, 9),
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DISK_FULL));
    assertThat(SnapshotStore.open(folder).newest().orElseThrow().position()).isEqualTo(at(1, 5));
  }

  @Test
  void aDamagedFileIsNamedAndCanBeTakenOutOfUse() {
    var store = SnapshotStore.open(folder.resolve("s"));
    save(store, at(1, 5), "five");
    save(store, at(1, 9), "nine");
    Path newest = folder.resolve("s/00000000000000000009-00000000000000000001.snapshot");
    Damage.flipBit(newest, 21);
    assertThatThrownBy(store::newest)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll(newest.toString(), "checksum");
    Damage.truncate(newest, 10);
    assertThatThrownBy(store::newest).hasMessageContaining("truncated");
    store.discardNewest(folder.resolve("quarantine"));
    assertThat(store.newest().orElseThrow().position()).isEqualTo(at(1, 5));
  }
}
