package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.DurableFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;

/// Snapshots as Ratis keeps and sends them: one file each, in the state machine's own portable form
/// behind the position it stands for. A file appears whole or not at all, its digest before it. One
/// thread at a time; blocks on the disk.
final class SnapshotFiles {
  private static final int MAGIC = 0x52525246;
  private static final String PARTIAL = ".partial";

  private final SimpleStateMachineStorage storage = new Storage();

  /// Ratis asks it to clean up whenever it has asked for a snapshot, taken or not: here only behind
  /// a new one.
  private static final class Storage extends SimpleStateMachineStorage {
    private Optional<TermIndex> cleaned = Optional.empty();

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
      var newest =
          Optional.ofNullable(getLatestSnapshot()).map(SingleFileSnapshotInfo::getTermIndex);
      if (!newest.equals(cleaned)) {
        super.cleanupOldSnapshots(policy);
        cleaned = newest;
      }
    }
  }

  SimpleStateMachineStorage storage() {
    return storage;
  }

  /// Opens the folder and removes what an interrupted write left behind.
  void open(RaftStorage raft) throws IOException {
    Path folder = raft.getStorageDir().getStateMachineDir().toPath();
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, "*" + PARTIAL)) {
        for (Path partial : files) {
          Files.delete(partial);
        }
      }
    }
    storage.init(raft);
  }

  /// Place in the Raft log that the newest snapshot covers.
  Optional<TermIndex> newest() {
    return Optional.ofNullable(storage.getLatestSnapshot())
        .map(SingleFileSnapshotInfo::getTermIndex);
  }

  /// Size of the newest snapshot's file; 0 when there is none.
  long newestBytes() {
    return Optional.ofNullable(storage.getLatestSnapshot())
        .map(newest -> newest.getFile().getFileSize())
        .orElse(0L);
  }

  /// Stores the machine's state as that of a place in the Raft log; durable when this returns.
  void save(StateMachine machine, TermIndex covered) throws IOException {
    Path target = storage.getSnapshotFile(covered.getTerm(), covered.getIndex()).toPath();
    Path partial = target.resolveSibling(target.getFileName() + PARTIAL);
    try {
      write(machine, partial);
      MD5Hash digest = MD5FileUtil.computeMd5ForFile(partial.toFile());
      MD5FileUtil.saveMD5File(target.toFile(), digest);
      DurableFiles.publish(partial, target);
      storage.updateLatestSnapshot(
          new SingleFileSnapshotInfo(new FileInfo(target, digest), covered));
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void write(StateMachine machine, Path file) throws IOException {
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var out =
          new DataOutputStream(
              new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10));
      out.writeInt(MAGIC);
      out.writeLong(machine.applied().epoch().value());
      out.writeLong(machine.applied().index());
      machine.snapshot(out);
      out.flush();
      channel.force(true);
    }
  }

  /// Brings a machine that is behind the newest snapshot up to it; one that is not stays, whatever
  /// the file holds.
  ///
  /// @throws Refusal STORAGE_CORRUPT naming the file, before anything is changed
  void restore(StateMachine machine) throws IOException {
    restore(
        machine,
        Optional.ofNullable(storage.loadLatestSnapshot())
            .map(newest -> newest.getFile().getPath()));
  }

  /// The same from a file of that folder.
  static void restore(StateMachine machine, Optional<Path> newest) throws IOException {
    if (newest.isEmpty() || machine.applied().index() >= covered(newest.get())) {
      return;
    }
    Path file = newest.get();
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      int magic = in.readInt();
      long epoch = in.readLong();
      long index = in.readLong();
      if (magic != MAGIC || epoch < 0 || index < 0) {
        throw corrupt(file, "not a snapshot");
      }
      if (machine.applied().index() < index) {
        verify(file);
        machine.restore(new LogPosition(new Epoch(epoch), index), in);
      }
    }
  }

  /// By its name, which no bit that flips in it changes. Its own position may be lower: entries of
  /// Raft alone move no machine.
  private static long covered(Path file) {
    return SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file.toFile()).getIndex();
  }

  private static void verify(Path file) throws IOException {
    MD5Hash stored = MD5FileUtil.readStoredMd5ForFile(file.toFile());
    if (!MD5FileUtil.computeMd5ForFile(file.toFile()).equals(stored)) {
      throw corrupt(file, "wrong digest");
    }
  }

  private static Refusal corrupt(Path file, String kind) {
    return new Refusal(
            Reason.STORAGE_CORRUPT,
            file
                + " is corrupt: "
                + kind
                + "; move the folder raft aside and start again, so that this voter fetches"
                + " everything from the others")
        .with("file", file.toString());
  }
}
