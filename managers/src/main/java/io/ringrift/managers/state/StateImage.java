package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.SnapshotHeader;
import io.ringrift.state.v1.SnapshotRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// A whole state read from a snapshot and found sound: every record reads, and their hash is the
/// one that the header names.
record StateImage(List<SnapshotRecord> records, ClusterState state, StateHash hash) {
  /// No more is unpacked from a compressed snapshot: it has to fit the smallest heap beside the
  /// state that it replaces.
  static final int MOST_UNPACKED = 64 << 20;

  /// @throws Refusal STORAGE_CORRUPT when it is cut off, of another version, or not what its hash
  ///   says
  static StateImage read(InputStream in) throws IOException {
    var header = SnapshotHeader.parseDelimitedFrom(in);
    if (header == null || header.getVersion() != StateDisk.VERSION) {
      throw corrupt(
          header == null
              ? "it is empty"
              : "its version is " + header.getVersion() + ", not " + StateDisk.VERSION);
    }
    var hash = new StateHash();
    var state = new ClusterState();
    var records = new ArrayList<SnapshotRecord>();
    for (long i = 0; i < header.getRecords(); i++) {
      var record = SnapshotRecord.parseDelimitedFrom(in);
      if (record == null) {
        throw corrupt("it ends after " + i + " of " + header.getRecords() + " records");
      }
      Family family = family(record.getFamily());
      take(state, family, record.getValue());
      hash.add(family, record.getKey(), record.getValue().toByteArray());
      records.add(record);
    }
    state.loaded();
    if (!hash.hex().equals(header.getStateHash())) {
      throw corrupt("its hash is " + hash.hex() + ", not " + header.getStateHash());
    }
    return new StateImage(List.copyOf(records), state, hash);
  }

  /// Reads a compressed snapshot, as `pack` made it, without what was under way in a restore when
  /// it was taken. Total: whatever the bytes are, the answer is a state or a refusal.
  ///
  /// @throws Refusal STORAGE_CORRUPT
  static StateImage unpack(ByteString packed) {
    try (var in = new GZIPInputStream(packed.newInput())) {
      byte[] bytes = in.readNBytes(MOST_UNPACKED + 1);
      if (bytes.length > MOST_UNPACKED) {
        throw corrupt("it unpacks to more than " + MOST_UNPACKED + " bytes");
      }
      return read(new ByteArrayInputStream(bytes)).settled();
    } catch (IOException | RuntimeException e) {
      if (e instanceof Refusal refusal) {
        throw refusal;
      }
      throw new Refusal(
          Reason.STORAGE_CORRUPT, "the snapshot of the state cannot be unpacked: " + e, e);
    }
  }

  private StateImage settled() {
    if (records.stream().noneMatch(StateImage::ofARestore)) {
      return this;
    }
    var kept = records.stream().filter(record -> !ofARestore(record)).toList();
    var fresh = new ClusterState();
    var freshHash = new StateHash();
    for (SnapshotRecord record : kept) {
      take(fresh, family(record.getFamily()), record.getValue());
      freshHash.add(family(record.getFamily()), record.getKey(), record.getValue().toByteArray());
    }
    fresh.loaded();
    return new StateImage(kept, fresh, freshHash);
  }

  private static boolean ofARestore(SnapshotRecord record) {
    return record.getFamily().equals(Family.RESTORE.store());
  }

  static ByteString pack(byte[] snapshot) {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(snapshot);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be written", e);
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  /// Takes one stored entity over.
  ///
  /// @throws Refusal STORAGE_CORRUPT when it cannot be read
  static void take(ClusterState state, Family family, ByteString value) {
    try {
      state.load(family, value);
    } catch (InvalidProtocolBufferException e) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          "an entry of " + family.store() + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  static Family family(String name) {
    return Arrays.stream(Family.values())
        .filter(f -> f.store().equals(name))
        .findFirst()
        .orElseThrow(() -> corrupt("it names an unknown family \"" + name + "\""));
  }

  private static Refusal corrupt(String cause) {
    return new Refusal(
        Reason.STORAGE_CORRUPT, "the snapshot of the state cannot be used: " + cause);
  }
}
