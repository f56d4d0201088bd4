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
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

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
            take(state, family, ByteString.copyFrom(value));
            hash.add(family, ByteString.copyFrom(key), value);
          });
    }
    state.loaded();
    return state;
  }

  private static void take(ClusterState state, Family family, ByteString value) {
    try {
      state.load(family, value);
    } catch (InvalidProtocolBufferException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          "an entry of " + family.store() + " cannot be read: " + e.getMessage(),
          e);
    }
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
    changes.add(new Change.Put(Family.META, APPLIED, positionBytes(applied)));
    store.write(changes, false);
  }

  /// Writes header and records in the order of family and key.
  void snapshot(OutputStream out, String stateHash) throws IOException {
    var records = new ArrayList<SnapshotRecord>();
    for (Family family : Family.values()) {
      store.scan(
          family.store(),
          FIRST,
          (key, value) ->
              records.add(
                  SnapshotRecord.newBuilder()
                      .setFamily(family.store())
                      .setKey(ByteString.copyFrom(key))
                      .setValue(ByteString.copyFrom(value))
                      .build()));
    }
    SnapshotHeader.newBuilder()
        .setVersion(VERSION)
        .setRecords(records.size())
        .setStateHash(stateHash)
        .build()
        .writeDelimitedTo(out);
    for (SnapshotRecord record : records) {
      record.writeDelimitedTo(out);
    }
  }

  /// Replaces everything by a snapshot in one synced write. A snapshot that is cut off, of another
  /// version or not what its hash says is refused before anything changes.
  void restore(LogPosition position, InputStream in) throws IOException {
    var header = SnapshotHeader.parseDelimitedFrom(in);
    if (header == null || header.getVersion() != VERSION) {
      throw corrupt(
          header == null ? "it is empty" : "its version is " + header.getVersion() + ", not 1");
    }
    var hash = new StateHash();
    var probe = new ClusterState();
    List<Change> changes = new ArrayList<>();
    byte[] behindLast = new byte[256];
    Arrays.fill(behindLast, (byte) 0xFF);
    for (Family family : Family.values()) {
      changes.add(new Change.DeleteRange(family.store(), FIRST, behindLast));
    }
    for (long i = 0; i < header.getRecords(); i++) {
      var record = SnapshotRecord.parseDelimitedFrom(in);
      if (record == null) {
        throw corrupt("it ends after " + i + " of " + header.getRecords() + " records");
      }
      Family family = family(record.getFamily());
      byte[] value = record.getValue().toByteArray();
      take(probe, family, record.getValue());
      hash.add(family, record.getKey(), value);
      changes.add(new Change.Put(family.store(), record.getKey().toByteArray(), value));
    }
    if (!hash.hex().equals(header.getStateHash())) {
      throw corrupt("its hash is " + hash.hex() + ", not " + header.getStateHash());
    }
    changes.add(new Change.Put(Family.META, APPLIED, positionBytes(position)));
    store.write(changes, true);
  }

  private static Family family(String name) {
    return Arrays.stream(Family.values())
        .filter(f -> f.store().equals(name))
        .findFirst()
        .orElseThrow(() -> corrupt("it names an unknown family \"" + name + "\""));
  }

  private static Refusal corrupt(String cause) {
    return new Refusal(
        Reason.STORAGE_CORRUPT, "the snapshot of the state cannot be used: " + cause);
  }

  private static byte[] positionBytes(LogPosition position) {
    return Keys.bytes(
        StoredPosition.newBuilder()
            .setEpoch(position.epoch().value())
            .setIndex(position.index())
            .build());
  }
}
