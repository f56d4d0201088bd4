package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.state.v1.AddRestoreChunk;
import io.ringrift.state.v1.BeginRestore;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.EndRestore;
import io.ringrift.state.v1.SaveSnapshotResponse;
import io.ringrift.state.v1.SnapshotInfo;
import io.ringrift.state.v1.SnapshotRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A snapshot of the cluster's state in a file outside the cluster: what it is, then the compressed
/// records. Needs no running node to be read.
///
/// @param entities how many entities of each kind it holds
public record SnapshotFile(SnapshotInfo info, Map<String, Long> entities, ByteString packed) {
  /// Writes what a node sends; the file appears under its name when it is whole.
  ///
  /// @throws Refusal DIGEST_MISMATCH when the stream was cut off
  public static SnapshotInfo write(Iterator<SaveSnapshotResponse> parts, Path file)
      throws IOException {
    SnapshotInfo info = parts.next().getInfo();
    List<ByteString> data = new ArrayList<>();
    parts.forEachRemaining(part -> data.add(part.getData()));
    ByteString packed = ByteString.copyFrom(data);
    requireWhole(info, packed, "what the node sent");
    write(info, packed, file);
    return info;
  }

  /// Durable when this returns.
  static void write(SnapshotInfo info, ByteString packed, Path file) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try (var out = Files.newOutputStream(partial)) {
      info.writeDelimitedTo(out);
      packed.writeTo(out);
    }
    DurableFiles.sync(partial);
    DurableFiles.publish(partial, file);
  }

  /// Reads and verifies a file.
  ///
  /// @throws Refusal STORAGE_CORRUPT or DIGEST_MISMATCH naming what is wrong
  public static SnapshotFile read(Path file) throws IOException {
    SnapshotInfo info;
    ByteString packed;
    try (var in = Files.newInputStream(file)) {
      info = SnapshotInfo.parseDelimitedFrom(in);
      packed = ByteString.readFrom(in);
    }
    if (info == null || info.getVersion() != SnapshotSender.VERSION) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          file + " is no snapshot of version " + SnapshotSender.VERSION + " of this program");
    }
    requireWhole(info, packed, file.toString());
    StateImage image = StateImage.unpack(packed);
    var entities = new TreeMap<String, Long>();
    for (SnapshotRecord record : image.records()) {
      entities.merge(record.getFamily().replace("state_", ""), 1L, Long::sum);
    }
    return new SnapshotFile(info, Map.copyOf(entities), packed);
  }

  private static void requireWhole(SnapshotInfo info, ByteString packed, String what) {
    if (packed.size() != info.getBytes() || !RestoreArea.sha256(packed).equals(info.getSha256())) {
      throw new Refusal(
          Reason.DIGEST_MISMATCH,
          what
              + " is not whole: "
              + packed.size()
              + " bytes where "
              + info.getBytes()
              + " with another SHA-256 were announced; take the snapshot again");
    }
  }

  /// The commands that put this state in the place of a cluster's, in order. Each may be repeated
  /// under its request id.
  public List<Command> restore(String restoreId) {
    var commands = new ArrayList<Command>();
    commands.add(
        Command.newBuilder()
            .setRequestId(restoreId + "-begin")
            .setBeginRestore(
                BeginRestore.newBuilder()
                    .setRestoreId(restoreId)
                    .setBytes(packed.size())
                    .setSha256(info.getSha256()))
            .build());
    int sequence = 0;
    for (int at = 0; at < packed.size(); at += RestoreArea.MOST_CHUNK_BYTES) {
      int end = Math.min(packed.size(), at + RestoreArea.MOST_CHUNK_BYTES);
      sequence++;
      commands.add(
          Command.newBuilder()
              .setRequestId(restoreId + "-" + sequence)
              .setAddRestoreChunk(
                  AddRestoreChunk.newBuilder()
                      .setRestoreId(restoreId)
                      .setSequence(sequence)
                      .setData(packed.substring(at, end)))
              .build());
    }
    commands.add(
        Command.newBuilder()
            .setRequestId(restoreId + "-end")
            .setEndRestore(EndRestore.newBuilder().setRestoreId(restoreId))
            .build());
    return commands;
  }
}
