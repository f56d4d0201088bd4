package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.state.v1.Estate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/// The state that this voter held under another mode of consensus, whole with everything in its
/// log, as a snapshot file in the state folder. What was only offered there may be in it as well:
/// the voters compare what they brought, and what the most advanced of a majority brought is what
/// the state begins with, as a new leader adopts the most advanced log (docs/protocol/modes.md).
public final class EstateFolder {
  private final Path folder;

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
  /// @param settle brings the machine to the end of its log; false when parts of it were lost
  public void keep(KeyValueStore store, Predicate<StateMachine> settle, InstantSource wall) {
    var cluster = new ClusterStore(store);
    boolean whole = settle.test(cluster);
    if (!cluster.founded() && !state().equals(Estate.State.STATE_NONE)) {
      return;
    }
    try {
      Files.createDirectories(folder);
      if (!whole) {
        Files.deleteIfExists(file());
        Files.writeString(lost(), "");
      } else if (!cluster.applied().equals(LogPosition.START)) {
        write(cluster.export(), wall);
        Files.deleteIfExists(lost());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the state could not be kept in " + folder, e);
    }
  }

  private void write(ClusterStore.Export export, InstantSource wall) throws IOException {
    var now = wall.instant();
    var time = Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano());
    ByteString packed = StateImage.pack(export.snapshot());
    SnapshotFile.write(SnapshotSender.info(export, packed, time.build()), packed, file());
  }

  Estate.State state() {
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

  Estate describe() {
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
