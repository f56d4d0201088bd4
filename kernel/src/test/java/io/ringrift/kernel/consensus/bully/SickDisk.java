package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.store.LogStore;
import io.ringrift.kernel.store.RocksKeyValueStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A real store for a voter's log that takes no writes while a test says so.
final class SickDisk {
  private volatile @Nullable Reason failing;
  private volatile Runnable atWrite = () -> {};
  final AtomicInteger failures = new AtomicInteger();

  void fail(Reason reason) {
    failing = reason;
  }

  void heal() {
    failing = null;
  }

  /// Runs before each write.
  void atWrite(Runnable action) {
    atWrite = action;
  }

  LogStore open(Path folder) {
    refuse("opening " + folder);
    return LogStore.over(
        folder, new Store(RocksKeyValueStore.open(folder, List.of("entries", "meta", "dropped"))));
  }

  private void refuse(String what) {
    Reason reason = failing;
    if (reason != null) {
      failures.incrementAndGet();
      throw new Refusal(reason, what + " failed as the test wants it");
    }
  }

  private final class Store implements KeyValueStore {
    private final KeyValueStore real;

    Store(KeyValueStore real) {
      this.real = real;
    }

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
      refuse("writing");
      atWrite.run();
      real.write(changes, sync);
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
