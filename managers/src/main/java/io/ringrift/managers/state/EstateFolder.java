package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
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
  private volatile Optional<Estate> described = Optional.empty();

  /// @param stateFolder the node's state folder, locked by the caller
  public EstateFolder(Path stateFolder) {
    this.folder = stateFolder.resolve("estate");
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
  /// @throws Refusal STORAGE_FAILED when the state is too large to be brought along
  public void keep(
      KeyValueStore store,
      Function<StateMachine, Optional<LogPosition>> settle,
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
        write(cluster.export(), end.get(), wall);
        Files.deleteIfExists(lost());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the state could not be kept in " + folder, e);
    }
  }

  private void write(ClusterStore.Export export, LogPosition end, InstantSource wall)
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

  /// Read once: nothing changes here while the node runs.
  Estate describe() {
    Optional<Estate> known = described;
    if (known.isPresent()) {
      return known.get();
    }
    Estate.State state = state();
    Optional<SnapshotFile> present =
        state == Estate.State.STATE_PRESENT ? read() : Optional.empty();
    if (state == Estate.State.STATE_PRESENT && present.isEmpty()) {
      state = Estate.State.STATE_LOST;
    }
    var estate = Estate.newBuilder().setState(state);
    present.ifPresent(file -> estate.setInfo(file.info()));
    described = Optional.of(estate.build());
    return estate.build();
  }
}
