package io.ringrift.kernel.wire;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.ledger.v1.ExchangeRequest;
import io.ringrift.ledger.v1.InstallSnapshot;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Snapshots in chunks that fit into a gRPC message. One instance puts the chunks of one stream
/// together again; one thread at a time.
final class SnapshotChunks {
  static final int CHUNK_BYTES = 1 << 20;
  static final int MAX_BYTES = 256 << 20;

  private @Nullable InstallSnapshot first;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /// The chunks of a snapshot, in order; at least one.
  static List<ExchangeRequest.Builder> split(Message.InstallSnapshot snapshot) {
    byte[] data = snapshot.data();
    var chunks = new ArrayList<ExchangeRequest.Builder>();
    int offset = 0;
    do {
      int length = Math.min(CHUNK_BYTES, data.length - offset);
      var chunk =
          InstallSnapshot.newBuilder()
              .setEpoch(snapshot.epoch().value())
              .setPosition(ReplicaProtos.encode(snapshot.position()))
              .setOffset(offset)
              .setChunk(ReplicaProtos.bytes(data).substring(offset, offset + length))
              .setLast(offset + length == data.length);
      chunks.add(ExchangeRequest.newBuilder().setInstallSnapshot(chunk));
      offset += length;
    } while (offset < data.length);
    return chunks;
  }

  /// Takes a chunk; the last one gives the whole snapshot. A chunk that does not follow on the ones
  /// before it drops them: the sender began again.
  ///
  /// @throws Refusal INVALID_ARGUMENT beyond 256 MiB
  Optional<Message.InstallSnapshot> add(InstallSnapshot chunk) {
    InstallSnapshot begun = first;
    if (chunk.getOffset() == 0) {
      first = chunk;
      body.reset();
    } else if (begun == null
        || chunk.getOffset() != body.size()
        || chunk.getEpoch() != begun.getEpoch()
        || !chunk.getPosition().equals(begun.getPosition())) {
      drop();
      return Optional.empty();
    }
    if ((long) body.size() + chunk.getChunk().size() > MAX_BYTES) {
      drop();
      throw Refusal.invalid(
          "install_snapshot", body.size() + " bytes and more", "at most " + MAX_BYTES + " bytes");
    }
    body.writeBytes(chunk.getChunk().toByteArray());
    if (!chunk.getLast()) {
      return Optional.empty();
    }
    var whole =
        new Message.InstallSnapshot(
            ReplicaProtos.epoch(chunk.getEpoch()),
            ReplicaProtos.decode(chunk.getPosition()),
            body.toByteArray());
    drop();
    return Optional.of(whole);
  }

  private void drop() {
    first = null;
    body.reset();
  }
}
