package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.Estate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a voter says of the state that it brought along, and what it binds itself to by that.
class EstateFolderTest {
  private static final String RAFT = EstateFolder.logOf("raft", "lab#1");

  @TempDir private Path root;

  @Test
  void whoToldItsEstateDoesNotTurnBack() {
    var estate = new EstateFolder(root, RAFT);
    estate.allowTurningBack(1);
    assertThat(estate.mayTurnBack(1)).isTrue();
    assertThat(estate.mayTurnBack(0)).isFalse();

    assertThat(estate.tell(RAFT).getState()).isEqualTo(Estate.State.STATE_NONE);

    assertThat(estate.mayTurnBack(1)).isFalse();
    assertThat(new EstateFolder(root).mayTurnBack(1)).isFalse();
  }

  @Test
  void nothingIsToldBeforeTheWayBackIsGone() throws IOException {
    var estate = new EstateFolder(root, RAFT);
    // A folder that is not empty in the place of the file cannot be removed.
    Files.createDirectories(root.resolve("estate").resolve("way-back").resolve("x"));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> estate.tell(RAFT)).hasMessageContaining("way back");
    }
  }

  @Test
  void leaderOfAnotherLogIsToldNothing() {
    String before = EstateFolder.logOf("bully", "lab");
    var estate = new EstateFolder(root, before);
    estate.allowTurningBack(0);
    for (String other : List.of(RAFT, EstateFolder.logOf("raft", "lab"), "")) {
      assertThatThrownBy(() -> estate.tell(other))
          .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
          .returns(Reason.WRONG_CLUSTER, Refusal::reason)
          .extracting(Refusal::text)
          .asString()
          .contains(before, other);
    }
    assertThat(estate.mayTurnBack(0)).isTrue();
  }

  @Test
  void raftAndHybridShareALog() {
    assertThat(EstateFolder.logOf("hybrid", "lab")).isEqualTo(EstateFolder.logOf("raft", "lab"));
  }
}
