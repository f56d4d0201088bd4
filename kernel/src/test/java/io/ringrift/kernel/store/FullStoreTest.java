package io.ringrift.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.KeyValueStore.Change;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the stores do when there is no room (RELIABILITY D5).
@Timeout(60)
final class FullStoreTest {
  @TempDir Path root;

  private static byte[] key(int n) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(n).array();
  }

  private static LogEntry entry(long index) {
    return new LogEntry(
        new LogPosition(new Epoch(1), index), LogEntry.Kind.COMMAND, new byte[1000]);
  }

  private static void full(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DISK_FULL));
  }

  @Test
  void rocksDbOnAReallyFullDiskLosesNothingAcknowledgedAndWritesAgainOnceReopened() {
    Path folder = root.resolve("disk");
    try (var disk = TinyDisk.mount(folder, 48);
        var store = RocksKeyValueStore.open(folder.resolve("db"), List.of("a"))) {
      store.write(List.of(new Change.Put("a", key(0), new byte[100])), true);
      disk.fill();
      int written = writeUntilFull(store);
      full(() -> store.write(List.of(new Change.Put("a", key(-1), new byte[1])), true));
      assertThat(store.get("a", key(0))).as("reads go on").isPresent();
      disk.free();
      full(() -> store.write(List.of(new Change.Put("a", key(-1), new byte[1])), true));
      store.reopen();
      store.write(List.of(new Change.Put("a", key(written), new byte[7])), true);
      var kept = new ArrayList<Integer>();
      store.scan("a", new byte[0], (k, _) -> kept.add(ByteBuffer.wrap(k).getInt()));
      assertThat(kept).hasSize(written + 1).isSorted();
    }
  }

  /// RocksDB may write on for a while into blocks that it allocated ahead: that counts as written.
  private static int writeUntilFull(RocksKeyValueStore store) {
    for (int n = 1; n < 2_000; n++) {
      try {
        store.write(List.of(new Change.Put("a", key(n), new byte[64 << 10])), true);
      } catch (Refusal e) {
        assertThat(e.reason()).isEqualTo(Reason.DISK_FULL);
        return n;
      }
    }
    throw new AssertionError("a full disk took 128 MB");
  }

  @Test
  void theLogStopsWhileAReserveIsLeft() {
    var usable = new AtomicLong(SpaceReserve.TO_WRITE);
    Path folder = root.resolve("log");
    var reserve = new SpaceReserve(folder, usable::get);
    try (var log =
        LogStore.over(
            folder,
            RocksKeyValueStore.open(folder, List.of("entries", "meta", "dropped")),
            reserve)) {
      log.write(OptionalLong.empty(), List.of(entry(1)));
      usable.decrementAndGet();
      full(() -> log.write(OptionalLong.empty(), List.of(entry(2))));
      log.write(OptionalLong.of(1), List.of());
      usable.incrementAndGet();
      log.write(OptionalLong.empty(), List.of(entry(1)));
      assertThat(log.recover().entries()).containsExactly(entry(1));
    }
  }

  @Test
  void goingOnAsksForMoreRoomThanStopping() {
    var reserve = new SpaceReserve(root, () -> SpaceReserve.TO_GO_ON - 1);
    reserve.requireToWrite();
    assertThatThrownBy(reserve::requireToGoOn)
        .hasMessageContainingAll(root.toString(), "32767 KiB are free", "needs 32768");
  }

  @Test
  void aSnapshotThatFoundNoRoomLeavesNoRemains() {
    Path folder = root.resolve("disk");
    try (var disk = TinyDisk.mount(folder, 16)) {
      var snapshots = SnapshotStore.open(folder.resolve("snapshots"));
      var place = new LogPosition(new Epoch(1), 5);
      full(
          () ->
              snapshots.save(
                  place,
                  out -> {
                    for (int i = 0; i < 32; i++) {
                      out.write(new byte[1 << 20]);
                    }
                  }));
      assertThat(folder.resolve("snapshots")).isEmptyDirectory();
      disk.fill();
      disk.free();
      snapshots.save(place, out -> out.write(1));
      assertThat(snapshots.position()).isEqualTo(place);
    }
  }

  @Test
  void aPromiseIsStoredEvenOnAFullDisk() {
    Path folder = root.resolve("disk");
    try (var disk = TinyDisk.mount(folder, 16);
        var epochs = EpochStore.open(folder.resolve("promise"))) {
      disk.fill();
      epochs.see(new Epoch(7));
      assertThat(epochs.pledge().seen()).isEqualTo(new Epoch(7));
    }
  }
}
