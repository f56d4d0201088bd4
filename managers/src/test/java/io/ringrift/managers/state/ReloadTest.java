package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/// A state whose store had no room for a batch.
final class ReloadTest {
  private static LogEntry work(long index) {
    var command =
        Command.newBuilder()
            .setEpoch(1)
            .setLedgerMillis(1000 + index)
            .setAddWork(
                AddWork.newBuilder()
                    .addWorkIds("w" + index)
                    .addItems(Ledgers.selfplay())
                    .setHardLimit(100)
                    .setSoftLimit(50));
    return new LogEntry(
        new LogPosition(new Epoch(1), index),
        LogEntry.Kind.COMMAND,
        CommandBatch.newBuilder().addCommands(command).build().toByteArray());
  }

  @Test
  void entriesHandedInAgainAfterAFailedWriteGiveTheStateOfAReplicaThatNeverFailed() {
    var healthy = new ClusterStore(new MemoryKeyValueStore());
    var disk = new FullingStore();
    var hit = new ClusterStore(disk);
    for (var store : List.of(healthy, hit)) {
      store.apply(List.of(Ledgers.open(1, 1, "n1"), work(2)));
    }
    disk.full = true;
    assertThatThrownBy(() -> hit.apply(List.of(work(3))))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.DISK_FULL));
    assertThat(hit.applied()).isEqualTo(work(2).position());
    disk.full = false;
    assertThatThrownBy(() -> hit.apply(List.of(work(3)))).isInstanceOf(Refusal.class);
    hit.reload();
    assertThat(hit.applied()).isEqualTo(work(2).position());
    assertThat(hit.readAt(state -> state.work().pending())).isEqualTo(new ClusterStore.At<>(1, 2));
    for (var store : List.of(healthy, hit)) {
      store.apply(List.of(work(3), work(4)));
    }
    assertThat(hit.stateHash()).isEqualTo(healthy.stateHash());
    assertThat(hit.<Integer>read(state -> state.work().pending())).isEqualTo(3);
  }

  /// Refuses after a failed write until it is opened anew, as the store on RocksDB does.
  private static final class FullingStore implements KeyValueStore {
    private final MemoryKeyValueStore real = new MemoryKeyValueStore();
    private boolean failed;
    boolean full;

    @Override
    public Optional<byte[]> get(String family, byte[] key) {
      return real.get(family, key);
    }

    @Override
    public void scan(String family, byte[] from, BiConsumer<byte[], byte[]> visitor) {
      real.scan(family, from, visitor);
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
      failed |= full;
      if (failed) {
        throw new Refusal(Reason.DISK_FULL, "no room");
      }
      real.write(changes, sync);
    }

    @Override
    public void reopen() {
      failed = full;
    }

    @Override
    public void close() {}
  }
}
