package io.ringrift.node;

import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.BULLY;
import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.HYBRID;
import static io.ringrift.kernel.boot.KernelConfig.ConsensusMode.RAFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which of two wins: the mode that was configured, or the one that the running cluster changed to.
class ModeMarkTest {
  @TempDir private Path folder;

  private ModeMark mark;

  @BeforeEach
  void open() {
    mark = new ModeMark(folder);
  }

  @Test
  void withoutAChangeTheConfigurationHolds() {
    assertThat(mark.over(BULLY)).isEqualTo(BULLY);
    assertThat(mark.epoch()).isEqualTo(Epoch.ZERO);
  }

  @Test
  void changeWinsOverTheConfigurationThatIsOlder() {
    mark.changed(RAFT, new Epoch(7), BULLY);
    assertThat(new ModeMark(folder).over(BULLY)).isEqualTo(RAFT);
    assertThat(new ModeMark(folder).epoch()).isEqualTo(new Epoch(7));
  }

  @Test
  void configurationThatWasChangedSinceWins() {
    mark.changed(RAFT, new Epoch(7), BULLY);
    assertThat(mark.over(HYBRID)).isEqualTo(HYBRID);
    assertThat(mark.over(RAFT)).isEqualTo(RAFT);
  }

  @Test
  void damagedMarkIsToldWithWhatToDo() throws IOException {
    Files.writeString(folder.resolve("mode"), "paxos\n");
    assertThatThrownBy(() -> mark.over(BULLY))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("delete it and set RINGRIFT_CONSENSUS_MODE");
  }
}
