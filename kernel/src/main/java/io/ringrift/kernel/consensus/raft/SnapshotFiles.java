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
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
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
  private static final Pattern NAME = SimpleStateMachineStorage.SNAPSHOT_REGEX;

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

  /// Opens the folder, removes what an interrupted write left behind, and brings a machine up that
  /// is behind the newest snapshot. That is written anew where it is damaged; an older one whose
  /// digest cannot be read goes.
  ///
  /// @return what was damaged; empty if nothing
  /// @throws Refusal STORAGE_CORRUPT naming the file when the machine needs what it held
  Optional<String> open(RaftStorage raft, StateMachine machine) throws IOException {
    Path folder = raft.getStorageDir().getStateMachineDir().toPath();
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, "*" + PARTIAL)) {
        for (Path partial : files) {
          Files.delete(partial);
        }
      }
    }
    Optional<String> mended = mend(folder, machine);
    storage.init(raft);
    return mended;
  }

  /// See `open`. With the digest of any snapshot unreadable Ratis knows none, and waits for entries
  /// that they cover; one with damaged content it would send to those who lack it.
  static Optional<String> mend(Path folder, StateMachine machine) throws IOException {
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      return Optional.empty();
    }
    Path newest = files.getLast();
    Optional<String> damage = restore(machine, newest).map(kind -> told(newest, kind));
    if (damage.isPresent()) {
      var _ = publish(machine, newest);
    }
    for (Path older : files.subList(0, files.size() - 1)) {
      Optional<String> unreadable = unreadable(older).map(kind -> told(older, kind));
      if (unreadable.isPresent()) {
        Files.delete(older);
        Files.delete(MD5FileUtil.getDigestFileForFile(older.toFile()).toPath());
        damage = damage.or(() -> unreadable);
      }
    }
    return damage;
  }

  private static String told(Path file, String kind) {
    return "snapshot " + file + ": " + kind;
  }

  /// By its name, whether its digest can be read or not.
  static Optional<Path> newest(Path folder) throws IOException {
    List<Path> files = files(folder);
    return files.isEmpty() ? Optional.empty() : Optional.of(files.getLast());
  }

  /// Whole ones by their names, oldest first.
  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files
          .filter(f -> NAME.matcher(f.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(SnapshotFiles::covered))
          .toList();
    }
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
    MD5Hash digest = publish(machine, target);
    storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(target, digest), covered));
  }

  private static MD5Hash publish(StateMachine machine, Path target) throws IOException {
    Path partial = target.resolveSibling(target.getFileName() + PARTIAL);
    try {
      write(machine, partial);
      MD5Hash digest = MD5FileUtil.computeMd5ForFile(partial.toFile());
      MD5FileUtil.saveMD5File(target.toFile(), digest);
      DurableFiles.publish(partial, target);
      return digest;
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
    var newest = storage.loadLatestSnapshot();
    if (newest != null) {
      var _ = restore(machine, newest.getFile().getPath());
    }
  }

  /// The same from that file.
  ///
  /// @return what is wrong with it, where the machine needs nothing of it
  static Optional<String> restore(StateMachine machine, Path file) throws IOException {
    Optional<String> damage = damage(file);
    long stands = machine.applied().index();
    if (stands >= covered(file)) {
      return damage;
    }
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      int magic = in.readInt();
      long epoch = in.readLong();
      long index = in.readLong();
      if (magic != MAGIC || epoch < 0 || index < 0) {
        throw corrupt(file, "not a snapshot");
      }
      // A damaged place that is told too low would have the machine go without the rest.
      if (damage.isPresent() && stands != index) {
        throw corrupt(file, damage.get());
      }
      if (stands < index) {
        machine.restore(new LogPosition(new Epoch(epoch), index), in);
      }
    } catch (EOFException e) {
      throw corrupt(file, damage.orElse("too short"));
    }
    return damage;
  }

  /// Of its name, which no bit that flips in it changes. Its own position may be lower: entries of
  /// Raft alone move no machine.
  private static long covered(Path file) {
    return SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file.toFile()).getIndex();
  }

  private static Optional<String> damage(Path file) throws IOException {
    Optional<String> unreadable = unreadable(file);
    if (unreadable.isPresent()) {
      return unreadable;
    }
    MD5Hash stored = MD5FileUtil.readStoredMd5ForFile(file.toFile());
    return MD5FileUtil.computeMd5ForFile(file.toFile()).equals(stored)
        ? Optional.empty()
        : Optional.of("wrong digest");
  }

  private static Optional<String> unreadable(Path file) {
    try {
      var _ = MD5FileUtil.readStoredMd5ForFile(file.toFile());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("its digest cannot be read (" + e.getMessage() + ")");
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
