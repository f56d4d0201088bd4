package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RotTest {
  private static final FileTime THEN =
      FileTime.from(1_795_000_000_123_456_789L, TimeUnit.NANOSECONDS);

  @TempDir private Path folder;
  private QuietGround ground;
  private Rot rot;

  @BeforeEach
  void onAQuietGround() {
    ground = new QuietGround(folder);
    rot = new Rot(ground, new SplittableRandom(7));
  }

  private Path file(Path root, String path, int used, int size) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    var content = new byte[size];
    Arrays.fill(content, 0, used, (byte) 1);
    Files.write(file, content);
    Files.setLastModifiedTime(file, THEN);
    return file;
  }

  @Test
  void bitsFlipWhereSomethingIsWrittenAndSizeAndTimeStay() throws IOException {
    Path log = file(ground.stateFolder("n1"), "raft/group/current/log_inprogress_0", 1000, 300_000);
    assertThat(struck("raft-log")).isEqualTo(8);
    byte[] after = Files.readAllBytes(log);
    assertThat(after).hasSize(300_000);
    assertThat(Arrays.copyOfRange(after, 1000, after.length)).containsOnly(0);
    assertThat(Arrays.copyOf(after, 1000)).isNotEqualTo(ones());
    assertThat(Files.getLastModifiedTime(log)).isEqualTo(THEN);
  }

  private int struck(String word) throws IOException {
    int flipped = 0;
    for (Path file : rot.files("n1", word)) {
      flipped += rot.flip(file);
    }
    return flipped;
  }

  private static byte[] ones() {
    var ones = new byte[1000];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  @Test
  void onlyWhatTheScenarioNamesIsStruck() throws IOException {
    Path state = ground.stateFolder("n1");
    List<Path> others =
        List.of(
            file(state, "raft/group/current/raft-meta", 9, 9),
            file(state, "log/LOCK", 9, 9),
            file(state, "log.mark", 9, 9),
            file(state, "raft/group/sm/snapshot.1_3.partial", 9, 9),
            file(ground.stateFolder("n2"), "log/1.sst", 9, 9));
    file(state, "log/1.sst", 9, 9);
    file(state, "raft/group/sm/snapshot.1_2", 9, 9);
    file(state, "raft/group/current/log_0-5", 9, 9);
    file(state, "snapshots/1.snapshot", 9, 9);
    assertThat(struck("log")).isEqualTo(8);
    assertThat(struck("raft-log")).isEqualTo(8);
    assertThat(struck("snapshots")).isEqualTo(16);
    assertThat(struck("node.db")).isZero();
    for (Path other : others) {
      assertThat(Files.readAllBytes(other)).containsOnly(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 8, 20})
  void asManyBytesDifferAsAreTold(int used) throws IOException {
    Path file = file(ground.dataFolder("n1"), "models/f", used, 20);
    for (int i = 0; i < 50; i++) {
      byte[] before = Files.readAllBytes(file);
      int told = rot.flip(file);
      byte[] after = Files.readAllBytes(file);
      int written = (int) IntStream.range(0, 20).filter(at -> before[at] != after[at]).count();
      assertThat(told).isEqualTo(written);
      assertThat(told > 0).isEqualTo(IntStream.range(0, 20).anyMatch(at -> before[at] != 0));
    }
  }

  @Test
  void damagedRaftFolderIsKeptAsideEachTime() throws IOException {
    Path state = ground.stateFolder("n1");
    file(state, "raft/group/current/log_0-5", 9, 9);
    rot.moveRaftAside(List.of("n1"));
    file(state, "raft/group/current/log_0-7", 9, 9);
    rot.moveRaftAside(List.of("n1"));
    assertThat(state.resolve("raft")).doesNotExist();
    assertThat(state.resolveSibling("raft.damaged/group/current/log_0-5")).exists();
    assertThat(state.resolveSibling("raft.damaged.1/group/current/log_0-7")).exists();
  }
}
