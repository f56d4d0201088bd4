package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

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

  private static boolean done(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor() == 0;
  }

  /// A node that purges its log has room for what comes then.
  @Test
  void aFullDiskIsFilledAgainWhenANodeGivesRoomBack() throws Exception {
    Files.createDirectories(state);
    String[] mount = {"mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", state.toString()};
    assumeThat(done(mount)).as("root may mount").isTrue();
    try {
      Path log = Files.write(state.resolve("log"), new byte[300 << 10]);
      assertThat(disks.fill(N1)).contains("bytes written until there was no room");
      Files.delete(log);
      await().until(() -> Files.getFileStore(state).getUsableSpace() == 0);
      disks.free(N1);
      assertThat(Files.getFileStore(state).getUsableSpace()).isEqualTo(1 << 20);
    } finally {
      assertThat(done("umount", state.toString())).isTrue();
    }
  }

  /// Else it would be the disk of this machine.
  @Test
  void aDiskThatIsNotTheNodesOwnIsNotFilled() throws IOException {
    Files.createDirectories(state);
    assertThatThrownBy(() -> disks.fill(N1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the disk of n1 is not filled");
    assertThat(state).isEmptyDirectory();
  }

  @Test
  void aFolderThatWasEmptyAlreadyWasNotWiped() throws IOException {
    written("first");
    assertThat(disks.wipe(N1)).contains("n1");
    assertThat(state).isEmptyDirectory();
    assertThat(disks.wipe(N1)).isEmpty();
  }
}
