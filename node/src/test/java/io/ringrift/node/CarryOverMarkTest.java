package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.LogStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.managers.state.EstateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    new EstateFolder(root).allowNoTurningBack();
    assertThat(bring(ConsensusMode.BULLY)).isEqualTo(2);
    assertThat(mark()).isEqualTo("bully 2");
    assertThat(root.resolve("retired").resolve("1")).isDirectory();
    assertThat(root.resolve("retired").resolve("0")).doesNotExist();
  }

  @Test
  void nodeThatNobodyAskedTurnsBackAsIfItHadSlept() throws IOException {
    bring(ConsensusMode.BULLY);
    write("snapshots", "of life 0");
    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);
    assertThat(root.resolve("snapshots")).doesNotExist();

    assertThat(bring(ConsensusMode.BULLY)).isZero();

    assertThat(root.resolve("snapshots").resolve("file")).hasContent("of life 0");
    assertThat(mark()).isEqualTo("bully 0");
  }

  @Test
  void votesOfALifeThatWasLeftAreThereWhenItIsEnteredAgain() throws IOException {
    bring(ConsensusMode.BULLY);
    bring(ConsensusMode.RAFT);
    write("raft", "a vote");
    bring(ConsensusMode.BULLY);
    assertThat(root.resolve("raft")).doesNotExist();

    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);

    assertThat(root.resolve("raft").resolve("file")).hasContent("a vote");
  }

  @Test
  void logThatWasLostIsStillLostBehindTheWayBack() throws IOException {
    bring(ConsensusMode.BULLY);
    rebuilding(true);
    bring(ConsensusMode.RAFT);
    assertThat(rebuilding()).isFalse();

    bring(ConsensusMode.BULLY);

    assertThat(rebuilding()).isTrue();
    rebuilding(false);
    bring(ConsensusMode.RAFT);
    bring(ConsensusMode.BULLY);
    assertThat(rebuilding()).isFalse();
  }

  @Test
  void newcomerHasNoWayBack() throws IOException {
    bring(ConsensusMode.BULLY);
    bring(ConsensusMode.RAFT);
    CarryOver.beginEmpty(root, ConsensusMode.RAFT, "c#1");
    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);
    assertThat(bring(ConsensusMode.BULLY)).isEqualTo(2);
  }

  @Test
  void nodeWhoseNewLogHoldsSomethingGoesOnWithTheOthers() {
    bring(ConsensusMode.RAFT);
    assertThat(bring(ConsensusMode.BULLY)).isEqualTo(1);
    try (var log = LogStore.open(root.resolve("log"))) {
      var first = new LogPosition(new Epoch(1), 1);
      log.write(
          OptionalLong.empty(),
          List.of(new LogEntry(first, LogEntry.Kind.OPEN_EPOCH, new byte[0])));
    }
    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(2);
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(root.resolve(name));
    Files.writeString(root.resolve(name).resolve("file"), text);
  }

  private void rebuilding(boolean lost) {
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      epochs.rebuilding(lost);
    }
  }

  private boolean rebuilding() {
    try (var epochs = EpochStore.open(root.resolve("promise"))) {
      return epochs.pledge().rebuilding();
    }
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
    Files.writeString(root.resolve("engine"), "raft 1 leaving 0\n");
    write("estate", "kept");
    Files.createDirectories(root.resolve("retired").resolve("0").resolve("cluster"));
    write("snapshots", "old");
    write("log", "old");

    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);

    assertThat(root.resolve("estate").resolve("file")).hasContent("kept");
    assertThat(root.resolve("retired").resolve("0").resolve("snapshots")).isDirectory();
    assertThat(root.resolve("retired").resolve("0").resolve("log")).isDirectory();
    assertThat(root.resolve("snapshots")).doesNotExist();
    assertThat(mark()).isEqualTo("raft 1");
  }

  @Test
  void markOfABuildBeforeTheWayBackIsUnderstood() throws IOException {
    Files.writeString(root.resolve("engine"), "raft 1 retiring\n");
    write("cluster", "of bully");
    write("log", "of bully");

    assertThat(bring(ConsensusMode.RAFT)).isEqualTo(1);

    assertThat(root.resolve("cluster")).doesNotExist();
    assertThat(root.resolve("retired/replaced/cluster/file")).hasContent("of bully");
    assertThat(root.resolve("retired/replaced/log/file")).hasContent("of bully");
  }

  @Test
  void crashOnTheWayBackGoesOnWithIt() throws IOException {
    Files.writeString(root.resolve("engine"), "bully 0 entering\n");
    write("snapshots", "back already");
    write("retired/0/log", "of life 0");
    write("retired/1/raft", "a vote");

    assertThat(bring(ConsensusMode.BULLY)).isZero();

    assertThat(root.resolve("snapshots").resolve("file")).hasContent("back already");
    assertThat(root.resolve("log").resolve("file")).hasContent("of life 0");
    assertThat(root.resolve("retired/1/raft/file")).hasContent("a vote");
  }

  @Test
  void damagedMarkIsToldWithWhatToDo() throws IOException {
    Files.writeString(root.resolve("engine"), "raft");
    assertThatThrownBy(() -> bring(ConsensusMode.RAFT))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("copy this file of another voter");
  }
}
