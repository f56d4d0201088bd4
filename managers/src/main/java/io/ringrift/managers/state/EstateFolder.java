package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.DurableFiles;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.state.v1.Estate;
import io.ringrift.state.v1.SnapshotInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/// The state that this voter held under another mode of consensus, whole with everything in its
/// log, as a snapshot file in the state folder. What was only offered there may be in it as well:
/// the voters compare what they brought, and what the most advanced of a majority brought is what
/// the state begins with, as a new leader adopts the most advanced log (docs/protocol/modes.md).
public final class EstateFolder {
  private final Path folder;
  private final String log;
  private Optional<Estate> told = Optional.empty();

  /// @param stateFolder the node's state folder, locked by the caller
  public EstateFolder(Path stateFolder) {
    this(stateFolder, "");
  }

  /// @param log engine and name of the log in use
  EstateFolder(Path stateFolder, String log) {
    this.folder = stateFolder.resolve("estate");
    this.log = log;
  }

  /// @return names a log: the voters of one mode and one life share it
  static String logOf(String mode, String logId) {
    return (mode.equals("bully") ? "bully " : "raft ") + logId;
  }

  /// Engine and name of the log in use.
  String log() {
    return log;
  }

  /// Names the life of the log that this voter may still turn back from: nobody asked it there what
  /// it brought along, so nobody counts on its keeping out of the log before.
  private Path wayBack() {
    return folder.resolve("way-back");
  }

  private Path file() {
    return folder.resolve("state.snapshot");
  }

  private Path lost() {
    return folder.resolve("lost");
  }

  /// Keeps the state of the store, unless it is none that the voters agreed on and an earlier one
  /// is here, which nobody has taken over yet.
  ///
  /// @param store a copy of the state's store: it is brought further than was committed
  /// @param settle brings the machine to the end of its log and tells where that is, as the engine
  ///   orders logs; empty when parts were lost
  /// @param life the log's
  /// @throws Refusal STORAGE_FAILED when the state is too large to be brought along
  public void keep(
      KeyValueStore store,
      Function<StateMachine, Optional<LogPosition>> settle,
      int life,
      InstantSource wall) {
    var cluster = new ClusterStore(store);
    Optional<LogPosition> end = settle.apply(cluster);
    if (!cluster.founded() && !state().equals(Estate.State.STATE_NONE)) {
      return;
    }
    try {
      Files.createDirectories(folder);
      if (end.isEmpty()) {
        Files.deleteIfExists(file());
        Files.writeString(lost(), "");
      } else if (cluster.founded() || cluster.holdsAnything()) {
        write(cluster.export(), end.get(), life, wall);
        Files.deleteIfExists(lost());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the state could not be kept in " + folder, e);
    }
  }

  /// @param store a copy of the state's store
  /// @param settle as for [#keep]
  /// @return whether nothing ever came into the log
  public boolean untouched(
      KeyValueStore store, Function<StateMachine, Optional<LogPosition>> settle) {
    var cluster = new ClusterStore(store);
    return settle.apply(cluster).equals(Optional.of(LogPosition.START))
        && !cluster.founded()
        && !cluster.holdsAnything();
  }

  /// Until it is asked what it brought along, this voter may leave that life as if it had never
  /// begun it. Durable when this returns.
  public void allowTurningBack(int life) {
    try {
      Files.createDirectories(folder);
      DurableFiles.write(wayBack(), Integer.toString(life));
    } catch (IOException e) {
      throw new UncheckedIOException("the way back could not be kept in " + folder, e);
    }
  }

  /// Durable when this returns.
  public void allowNoTurningBack() {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(wayBack());
      DurableFiles.sync(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("the way back could not be removed from " + folder, e);
    }
  }

  /// Whether nobody was told in that life of the log what this voter brought along.
  public boolean mayTurnBack(int life) {
    try {
      return Files.exists(wayBack()) && Files.readString(wayBack()).equals(Integer.toString(life));
    } catch (IOException e) {
      throw new UncheckedIOException("the way back could not be read in " + folder, e);
    }
  }

  private void write(ClusterStore.Export export, LogPosition end, int life, InstantSource wall)
      throws IOException {
    ByteString packed = StateImage.pack(export.snapshot());
    if (packed.size() > RestoreArea.MOST_BYTES
        || export.snapshot().length > StateImage.MOST_UNPACKED) {
      throw new Refusal(
          Reason.STORAGE_FAILED,
          "the state is too large to be brought into another mode ("
              + packed.size()
              + " bytes packed); start in the former mode and let ended jobs and items expire");
    }
    var now = wall.instant();
    var time = Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano());
    SnapshotInfo info =
        SnapshotSender.info(export, packed, time.build()).toBuilder()
            .setEntryEpoch(end.epoch().value())
            .setIndex(end.index())
            .setLogLife(life)
            .build();
    SnapshotFile.write(info, packed, file());
  }

  private Estate.State state() {
    if (Files.exists(file())) {
      return Estate.State.STATE_PRESENT;
    }
    return Files.exists(lost()) ? Estate.State.STATE_LOST : Estate.State.STATE_NONE;
  }

  /// What is here; a file that is damaged counts as lost.
  Optional<SnapshotFile> read() {
    try {
      return Files.exists(file()) ? Optional.of(SnapshotFile.read(file())) : Optional.empty();
    } catch (IOException | Refusal damaged) {
      return Optional.empty();
    }
  }

  /// Tells a voter that may begin a state with it: from now on this one stays out of the log
  /// before, durably. Read once: nothing else changes here while the node runs.
  ///
  /// @param askedFor engine and name of the asker's log
  /// @throws Refusal WRONG_CLUSTER when another log is in use here
  synchronized Estate tell(String askedFor) {
    if (!askedFor.equals(log)) {
      throw new Refusal(
          Reason.WRONG_CLUSTER,
          "the log in use here is \"" + log + "\", that of the sender is \"" + askedFor + "\"");
    }
    if (told.isEmpty()) {
      allowNoTurningBack();
      told = Optional.of(describe());
    }
    return told.get();
  }

  private Estate describe() {
    Estate.State state = state();
    Optional<SnapshotFile> present =
        state == Estate.State.STATE_PRESENT ? read() : Optional.empty();
    if (state == Estate.State.STATE_PRESENT && present.isEmpty()) {
      state = Estate.State.STATE_LOST;
    }
    var estate = Estate.newBuilder().setState(state);
    present.ifPresent(file -> estate.setInfo(file.info()));
    return estate.build();
  }
}
