package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crash may leave between the steps of bringing a state along.
class CarryOverMarkTest {
  @TempDir private Path root;

  private StateFolder folder;

  @BeforeEach
  void open() {
    folder = StateFolder.open(root, "c", new NodeId("n1"));
  }

  @AfterEach
  void close() {
    folder.close();
  }

  private int bring(ConsensusMode mode) {
    return new CarryOver(folder, (_, _, _) -> {}).bring(mode);
  }

  private String mark() throws IOException {
    return Files.readString(root.resolve("engine")).strip();
  }

  @Test
  void newFolderIsMarkedWithItsEngine() throws IOException {
    assertThat(bring(ConsensusMode.HYBRID)).isZero();
    assertThat(mark()).isEqualTo("raft 0");
  }

  @Test
  void hybridAndRaftShareALog() throws IOException {
    bring(ConsensusMode.RAFT);
    assertThat(bring(ConsensusMode.HYBRID)).isZero();
    assertThat(root.resolve("retired")).doesNotExist();
  }

  @Test
  void eachMoveBeginsAnotherLife() throws IOException {
    bring(ConsensusMode.BULLY);
    Files.createDirectory(root.resolve("cluster"));
    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);
    assertThat(bring(ConsensusMode.BULLY)).isEqualTo(2);
    assertThat(mark()).isEqualTo("bully 2");
  }

  @Test
  void electionsGoOnBehindTheEpochsThatWereOnlySeen() {
    bring(ConsensusMode.RAFT);
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      epochs.see(new Epoch(7));
    }
    bring(ConsensusMode.BULLY);
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      assertThat(epochs.pledge().promised()).isEqualTo(new Epoch(7));
    }
  }

  @Test
  void whomAnEpochWasGrantedToIsKept() throws IOException {
    bring(ConsensusMode.BULLY);
    Files.createDirectories(root.resolve("cluster"));
    var leader = Optional.of(new NodeId("n2"));
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      epochs.see(new Epoch(7));
      epochs.promise(new Epoch(7), leader);
    }
    bring(ConsensusMode.RAFT);
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      assertThat(epochs.pledge().grantedTo()).isEqualTo(leader);
    }
  }

  @Test
  void crashWhileTheOldLogIsRetiredLeavesTheEstateAlone() throws IOException {
    Files.writeString(root.resolve("engine"), "raft 1 retiring\n");
    Files.createDirectories(root.resolve("estate"));
    Files.writeString(root.resolve("estate").resolve("state.snapshot"), "kept");
    Files.createDirectories(root.resolve("retired").resolve("cluster"));
    Files.createDirectories(root.resolve("snapshots"));
    Files.createDirectories(root.resolve("log"));

    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);

    assertThat(root.resolve("estate").resolve("state.snapshot")).hasContent("kept");
    assertThat(root.resolve("retired").resolve("snapshots")).isDirectory();
    assertThat(root.resolve("retired").resolve("log")).isDirectory();
    assertThat(root.resolve("snapshots")).doesNotExist();
    assertThat(mark()).isEqualTo("raft 1");
  }

  @Test
  void damagedMarkIsToldWithWhatToDo() throws IOException {
    Files.writeString(root.resolve("engine"), "raft");
    assertThatThrownBy(() -> bring(ConsensusMode.RAFT))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("copy it from another voter");
  }
}
