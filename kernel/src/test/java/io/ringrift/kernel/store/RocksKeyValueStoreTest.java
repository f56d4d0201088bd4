package io.ringrift.kernel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.KeyValueStore.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

@Timeout(60)
final class RocksKeyValueStoreTest {
  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static Change put(String family, String key, String value) {
    return new Change.Put(family, bytes(key), bytes(value));
  }

  @Test
  void whatWasWrittenIsThereAfterReopening() {
    try (var store = RocksKeyValueStore.open(folder, List.of("a"))) {
      store.write(List.of(put("a", "k", "v")), true);
    }
    try (var store = RocksKeyValueStore.open(folder, List.of("a", "later"))) {
      assertThat(store.get("a", bytes("k"))).hasValue(bytes("v"));
      assertThat(store.get("later", bytes("k"))).isEmpty();
    }
  }

  @Test
  void familiesThatNobodyNamesAnyMoreDoNotStopTheOpening() {
    RocksKeyValueStore.open(folder, List.of("a", "old")).close();
    try (var store = RocksKeyValueStore.open(folder, List.of("a"))) {
      assertThat(store.get("a", bytes("k"))).isEmpty();
    }
  }

  @Test
  void scanVisitsInKeyOrderFromTheKeyGiven() {
    try (var store = RocksKeyValueStore.open(folder, List.of("a"))) {
      store.write(
          List.of(
              put("a", "c", "3"),
              put("a", "b", "2"),
              put("a", "a", "1"),
              put("a", "d", "4"),
              new Change.Delete("a", bytes("d"))),
          false);
      var seen = new ArrayList<String>();
      store.scan("a", bytes("b"), (k, v) -> seen.add(new String(k, UTF_8) + new String(v, UTF_8)));
      assertThat(seen).containsExactly("b2", "c3");
      store.write(List.of(new Change.DeleteRange("a", bytes("a"), bytes("c"))), false);
      seen.clear();
      store.scan("a", new byte[0], (k, _) -> seen.add(new String(k, UTF_8)));
      assertThat(seen).containsExactly("c");
    }
  }

  @Test
  void aFolderOpenElsewhereIsRefused() {
    try (var first = RocksKeyValueStore.open(folder, List.of())) {
      assertThat(first.get("default", bytes("k"))).isEmpty();
      assertThatThrownBy(() -> RocksKeyValueStore.open(folder, List.of()))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STATE_IN_USE));
    }
  }

  @Test
  void aTruncatedManifestIsNamedAsCorrupt() throws IOException {
    RocksKeyValueStore.open(folder, List.of("a")).close();
    String manifest = Files.readString(folder.resolve("CURRENT")).strip();
    Damage.truncate(folder.resolve(manifest), 10);
    assertThatThrownBy(() -> RocksKeyValueStore.open(folder, List.of("a")))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContaining(folder.toString());
  }

  @Test
  void aFolderWithoutItsCurrentFileDoesNotBeginEmpty() throws IOException {
    try (var store = RocksKeyValueStore.open(folder, List.of("a"))) {
      store.write(List.of(put("a", "k", "v")), true);
    }
    Files.delete(folder.resolve("CURRENT"));
    assertThatThrownBy(() -> RocksKeyValueStore.open(folder, List.of("a")))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContaining("CURRENT");
  }

  @Test
  void aClosedStoreRefusesInsteadOfCrashing() {
    var store = RocksKeyValueStore.open(folder, List.of("a"));
    store.close();
    store.close();
    assertThatThrownBy(() -> store.get("a", bytes("k")))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.SHUTTING_DOWN));
  }

  /// As on a disk that answers nothing any more.
  @Test
  void closingDoesNotWaitForEverForWhatHangs() throws InterruptedException {
    var store = RocksKeyValueStore.open(folder, List.of("a"), Duration.ofMillis(50));
    store.write(List.of(put("a", "k", "v")), false);
    var inside = new CountDownLatch(1);
    var free = new CountDownLatch(1);
    var hanging =
        Thread.ofPlatform()
            .start(
                () ->
                    store.scan(
                        "a",
                        new byte[0],
                        (_, _) -> {
                          inside.countDown();
                          awaitUninterrupted(free);
                        }));
    inside.await();
    assertThatThrownBy(store::close)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_FAILED))
        .hasMessageContaining("end this process")
        .hasMessageContaining(folder.toString());
    assertThatThrownBy(() -> store.get("a", bytes("k")))
        .as("nothing new begins")
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.SHUTTING_DOWN));
    free.countDown();
    hanging.join();
    store.close();
    RocksKeyValueStore.open(folder, List.of("a")).close();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFullDiskIsToldApartFromAFailingOne() {
    var full = new Status(Status.Code.IOError, Status.SubCode.NoSpace, "while appending");
    var broken = new Status(Status.Code.IOError, Status.SubCode.None, "Input/output error");
    assertThat(RocksFailures.atWrite(folder, new RocksDBException("io", full)).reason())
        .isEqualTo(Reason.DISK_FULL);
    assertThat(RocksFailures.atWrite(folder, new RocksDBException("io", broken)).reason())
        .isEqualTo(Reason.STORAGE_FAILED);
  }
}
