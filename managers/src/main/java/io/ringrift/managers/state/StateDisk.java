package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.store.KeyValueStore.Change;
import io.ringrift.state.v1.SnapshotHeader;
import io.ringrift.state.v1.SnapshotRecord;
import io.ringrift.state.v1.StoredPosition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// The replicated state in the key-value store and in snapshots. Used by the ledger's thread only.
final class StateDisk {
  /// Version of the snapshot format.
  static final int VERSION = 1;

  private static final byte[] APPLIED = "applied".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FIRST = new byte[0];

  private final KeyValueStore store;

  StateDisk(KeyValueStore store) {
    this.store = store;
  }

  void reopen() {
    store.reopen();
  }

  /// Reads everything into a new state and its hash.
  ClusterState load(StateHash hash) {
    var state = new ClusterState();
    for (Family family : Family.values()) {
      store.scan(
          family.store(),
          FIRST,
          (key, value) -> {
            StateImage.take(state, family, ByteString.copyFrom(value));
            hash.add(family, ByteString.copyFrom(key), value);
          });
    }
    state.loaded();
    return state;
  }

  LogPosition applied() {
    return store
        .get(Family.META, APPLIED)
        .map(
            bytes -> {
              try {
                var position = StoredPosition.parseFrom(bytes);
                return new LogPosition(new Epoch(position.getEpoch()), position.getIndex());
              } catch (InvalidProtocolBufferException e) {
                throw new Refusal(Reason.STORAGE_CORRUPT, "the applied position cannot be read", e);
              }
            })
        .orElse(LogPosition.START);
  }

  /// Stores changed entities with the position in one write, and keeps the hash in step. Unsynced:
  /// the ledger's log is the write-ahead log, and what is lost here is applied again from there.
  void write(Map<Changes.Key, Changes.Values> changed, LogPosition applied, StateHash hash) {
    var changes = new ArrayList<Change>(changed.size() + 1);
    add(changes, changed, hash);
    changes.add(new Change.Put(Family.META, APPLIED, positionBytes(applied)));
    store.write(changes, false);
  }

  private static void add(
      List<Change> changes, Map<Changes.Key, Changes.Values> changed, StateHash hash) {
    changed.forEach(
        (entity, values) -> {
          byte[] key = entity.key().toByteArray();
          if (values.before() != null) {
            hash.subtract(entity.family(), entity.key(), Keys.bytes(values.before()));
          }
          if (values.after() != null) {
            byte[] value = Keys.bytes(values.after());
            hash.add(entity.family(), entity.key(), value);
            changes.add(new Change.Put(entity.family().store(), key, value));
          } else if (values.before() != null) {
            changes.add(new Change.Delete(entity.family().store(), key));
          }
        });
  }

  /// Writes header and records in the order of family and key: one pass to count them, one to write
  /// them, so that no more than one record is in memory.
  void snapshot(OutputStream out, String stateHash) throws IOException {
    SnapshotHeader.newBuilder()
        .setVersion(VERSION)
        .setRecords(count())
        .setStateHash(stateHash)
        .build()
        .writeDelimitedTo(out);
    try {
      for (Family family : Family.values()) {
        store.scan(family.store(), FIRST, (key, value) -> write(out, family, key, value));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private int count() {
    var records = new AtomicInteger();
    for (Family family : Family.values()) {
      store.scan(family.store(), FIRST, (_, _) -> records.incrementAndGet());
    }
    return records.get();
  }

  private static void write(OutputStream out, Family family, byte[] key, byte[] value) {
    try {
      SnapshotRecord.newBuilder()
          .setFamily(family.store())
          .setKey(ByteString.copyFrom(key))
          .setValue(ByteString.copyFrom(value))
          .build()
          .writeDelimitedTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Replaces everything by an image in one synced write, with what changed in it since it was
  /// read.
  void replace(StateImage image, Map<Changes.Key, Changes.Values> changed, LogPosition position) {
    List<Change> changes = new ArrayList<>();
    byte[] behindLast = new byte[256];
    Arrays.fill(behindLast, (byte) 0xFF);
    for (Family family : Family.values()) {
      changes.add(new Change.DeleteRange(family.store(), FIRST, behindLast));
    }
    for (SnapshotRecord record : image.records()) {
      changes.add(
          new Change.Put(
              record.getFamily(), record.getKey().toByteArray(), record.getValue().toByteArray()));
    }
    add(changes, changed, image.hash());
    changes.add(new Change.Put(Family.META, APPLIED, positionBytes(position)));
    store.write(changes, true);
  }

  private static byte[] positionBytes(LogPosition position) {
    return Keys.bytes(
        StoredPosition.newBuilder()
            .setEpoch(position.epoch().value())
            .setIndex(position.index())
            .build());
  }
}
