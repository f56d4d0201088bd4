package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.evidence.Source;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FileLoadTest {
  private static final String FIRST = "models/chaos/f00.bin";

  @TempDir private Path folder;

  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(100);
  private final History history = new History(clock, 1000);

  private QuietGround ground(String... nodes) throws IOException {
    var ground = new QuietGround(folder);
    for (String node : nodes) {
      Files.createDirectories(ground.dataFolder(node));
    }
    return ground;
  }

  private RunEvidence evidence() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, history);
  }

  /// What has no bytes yet when it is first looked at has them later.
  @Test
  void aCopyThatCannotBeReadIsLookedAtAgain() throws Exception {
    var ground = ground("n1", "n2");
    Path copy = Files.createDirectories(ground.dataFolder("n2").resolve(FIRST));
    try (var watch = new Watch(Map.of(), clock, recorder);
        var load = new FileLoad(ground, watch, clock, recorder, history, 1)) {
      load.start(Duration.ofSeconds(1));
      await().until(() -> !evidence().notes().isEmpty());
      assertThat(evidence().notes().getFirst()).contains(FIRST + " at n2 could not be read");
      Files.delete(copy);
      Files.writeString(folder.resolve("other"), "of other content");
      Files.move(folder.resolve("other"), copy);
      await().until(() -> !evidence().events().isEmpty());
    }
    assertThat(evidence().events().getFirst().kind()).isEqualTo(NodeEvent.OTHER_CONTENT);
    assertThat(evidence().sources().get(FIRST)).extracting(Source::origin).isEqualTo("n1");
  }

  /// It was removed because the run was interrupted.
  @Test
  void aFolderThatIsGoneDoesNotComeBack() throws Exception {
    var folders = new DataFolders(ground("n1"));
    assertThat(folders.offer("n1", "f.bin", new byte[9]).source()).isEqualTo("n1");
    assertThatThrownBy(() -> folders.offer("n2", "f.bin", new byte[9]))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(folder.resolve("n2")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeReadIsNotEmpty() throws Exception {
    var ground = ground("n1", "n2");
    var folders = new DataFolders(ground);
    assertThat(folders.held("n1")).isEmpty();
    Files.createDirectory(ground.dataFolder("n2").resolve("models"));
    Files.writeString(ground.dataFolder("n2").resolve("models/chaos"), "no folder");
    assertThatThrownBy(() -> folders.held("n2")).isInstanceOf(IOException.class);
  }
}
