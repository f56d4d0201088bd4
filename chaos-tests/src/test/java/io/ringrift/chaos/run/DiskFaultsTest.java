package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskFaultsTest {
  private static final List<String> N1 = List.of("n1");

  @TempDir private Path folder;
  private Path state;
  private DiskFaults disks;

  @BeforeEach
  void onAQuietGround() {
    var ground = new QuietGround(folder);
    state = ground.stateFolder("n1");
    disks = new DiskFaults(ground);
  }

  private void written(String text) throws IOException {
    Files.createDirectories(state.resolve("log"));
    Files.writeString(state.resolve("log/1"), text);
  }

  /// As in a schedule that is repeated.
  @Test
  void aNodeThatIsStruckAgainGetsBackWhatItHadWhenThatBegan() throws IOException {
    written("first");
    Files.writeString(state.resolve("gone"), "by the second time");
    disks.keepCopies(N1);
    var _ = disks.restoreCopies(N1);
    Files.delete(state.resolve("gone"));
    written("second");
    disks.keepCopies(N1);
    written("third");
    var _ = disks.restoreCopies(N1);
    assertThat(state.resolve("log/1")).hasContent("second");
    assertThat(state.resolve("gone")).doesNotExist();
  }

  @Test
  void aCopyThatIsNotOlderShowsNothing() throws IOException {
    written("first");
    disks.keepCopies(N1);
    assertThat(disks.restoreCopies(N1)).isEmpty();
    written("second");
    assertThat(disks.restoreCopies(N1)).contains("n1");
  }

  @Test
  void aFolderThatWasEmptyAlreadyWasNotWiped() throws IOException {
    written("first");
    assertThat(disks.wipe(N1)).contains("n1");
    assertThat(state).isEmptyDirectory();
    assertThat(disks.wipe(N1)).isEmpty();
  }
}
