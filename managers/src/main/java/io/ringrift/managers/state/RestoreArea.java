package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.AddRestoreChunk;
import io.ringrift.state.v1.BeginRestore;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndRestore;
import io.ringrift.state.v1.StoredRestore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Parts of a snapshot on their way into the state. They are replicated like everything else, so a
/// restore survives its leader and happens on every replica at the same place of the log, or
/// nowhere. One restore at a time.
@Pure
final class RestoreArea {
  /// Largest compressed snapshot.
  static final long MOST_BYTES = 32L << 20;

  /// Largest chunk.
  static final int MOST_CHUNK_BYTES = 512 << 10;

  private static final int SHA_256_BYTES = 32;

  private final Changes changes;
  private final TreeMap<Integer, StoredRestore> parts = new TreeMap<>();

  RestoreArea(Changes changes) {
    this.changes = changes;
  }

  void load(StoredRestore part) {
    parts.put(part.getSequence(), part);
  }

  Decision begin(BeginRestore command) {
    if (command.getRestoreId().isEmpty() || command.getRestoreId().length() > 128) {
      return Decision.invalid("restore_id", command.getRestoreId(), "1 to 128 characters");
    }
    if (command.getBytes() <= 0 || command.getBytes() > MOST_BYTES) {
      return Decision.invalid(
          "bytes", Long.toString(command.getBytes()), "1 to " + MOST_BYTES + " bytes");
    }
    if (command.getSha256().size() != SHA_256_BYTES) {
      return Decision.invalid(
          "sha256", command.getSha256().size() + " bytes", SHA_256_BYTES + " bytes");
    }
    return new Decision.Change(
        () -> {
          clear();
          put(
              StoredRestore.newBuilder()
                  .setRestoreId(command.getRestoreId())
                  .setBytes(command.getBytes())
                  .setSha256(command.getSha256())
                  .build());
          return CommandResult.getDefaultInstance();
        });
  }

  Decision add(AddRestoreChunk command) {
    Optional<Decision> unknown = unknown(command.getRestoreId());
    if (unknown.isPresent()) {
      return unknown.get();
    }
    int next = parts.lastKey() + 1;
    if (command.getSequence() != next) {
      return Decision.invalid(
          "sequence", Integer.toString(command.getSequence()), next + ", the next in order");
    }
    int size = command.getData().size();
    if (size == 0 || size > MOST_CHUNK_BYTES || received() + size > whole().getBytes()) {
      return Decision.invalid(
          "data",
          size + " bytes",
          "1 to " + MOST_CHUNK_BYTES + " bytes and no more than was announced");
    }
    return new Decision.Change(
        () -> {
          put(
              StoredRestore.newBuilder()
                  .setRestoreId(command.getRestoreId())
                  .setSequence(next)
                  .setData(command.getData())
                  .build());
          return CommandResult.getDefaultInstance();
        });
  }

  /// Whether the whole is there as announced. What it holds is judged by whoever unpacks it.
  Decision end(EndRestore command) {
    Optional<Decision> unknown = unknown(command.getRestoreId());
    if (unknown.isPresent()) {
      return unknown.get();
    }
    if (received() != whole().getBytes() || !sha256(bytes()).equals(whole().getSha256())) {
      return Decision.refused(
          Reason.DIGEST_MISMATCH,
          "the snapshot is not what was announced: "
              + received()
              + " of "
              + whole().getBytes()
              + " bytes came; nothing was replaced; begin again");
    }
    return new Decision.Change(CommandResult::getDefaultInstance);
  }

  /// What has come so far, put together.
  ByteString bytes() {
    List<ByteString> data = new ArrayList<>();
    parts.values().forEach(part -> data.add(part.getData()));
    return ByteString.copyFrom(data);
  }

  private Optional<Decision> unknown(String restoreId) {
    if (!parts.isEmpty() && whole().getRestoreId().equals(restoreId)) {
      return Optional.empty();
    }
    return Optional.of(
        Decision.invalid("restore_id", restoreId, "the id of the restore that was begun last"));
  }

  private StoredRestore whole() {
    return parts.firstEntry().getValue();
  }

  private long received() {
    return parts.values().stream().mapToLong(part -> part.getData().size()).sum();
  }

  private void put(StoredRestore part) {
    parts.put(part.getSequence(), part);
    changes.record(Family.RESTORE, Keys.of(part.getSequence()), null, part);
  }

  private void clear() {
    parts.values().forEach(p -> changes.record(Family.RESTORE, Keys.of(p.getSequence()), p, null));
    parts.clear();
  }

  static ByteString sha256(ByteString bytes) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      bytes.asReadOnlyByteBufferList().forEach(sha::update);
      return ByteString.copyFrom(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
