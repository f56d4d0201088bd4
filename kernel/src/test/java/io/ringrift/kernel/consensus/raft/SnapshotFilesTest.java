package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.ratis.util.MD5FileUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotFilesTest {
  private static final LogPosition POSITION = new LogPosition(new Epoch(3), 40);

  @TempDir private Path folder;
  private final MemoryStateMachine machine = new MemoryStateMachine(true);
  private Path file;

  /// Of the state at entry 40; entry 42 of Raft's own is covered too.
  @BeforeEach
  void save() throws IOException {
    file = folder.resolve("snapshot.2_42");
    try (var out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeInt(0x52525246);
      out.writeLong(POSITION.epoch().value());
      out.writeLong(POSITION.index());
      machine.snapshot(out);
    }
    MD5FileUtil.saveMD5File(file.toFile(), MD5FileUtil.computeMd5ForFile(file.toFile()));
  }

  private void flip(int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= (byte) 0x80;
    Files.write(file, bytes);
  }

  private void restore() throws IOException {
    var _ = SnapshotFiles.restore(machine, file);
  }

  @Test
  void aMachineThatIsBehindIsBroughtUp() throws IOException {
    restore();
    assertThat(machine.applied()).isEqualTo(POSITION);
  }

  /// In its mark, epoch, place and content.
  @ParameterizedTest
  @ValueSource(ints = {0, 4, 12, 19, 23})
  void damageDoesNotTouchAMachineThatHasTheState(int at) throws IOException {
    flip(at);
    machine.goBackTo(new LogPosition(new Epoch(3), 42));
    assertThatCode(this::restore).doesNotThrowAnyException();
    assertThat(machine.applied().index()).isEqualTo(42);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 12, 19, 23})
  void damageIsNamedToAMachineThatIsBehind(int at) throws IOException {
    flip(at);
    assertThatThrownBy(this::restore)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll("snapshot.2_42", "aside");
    assertThat(machine.applied()).isEqualTo(LogPosition.START);
  }

  /// What follows its place is of Raft alone.
  @Test
  void aMachineAtThePlaceOfASnapshotIsNotBehind() throws IOException {
    flip(23);
    machine.goBackTo(POSITION);
    assertThatCode(this::restore).doesNotThrowAnyException();
  }

  /// As a bit that flips in it makes the snapshot's own place lower than that of the machine.
  @Test
  void aPlaceThatIsToldTooLowIsDamage() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[19] = 8;
    Files.write(file, bytes);
    machine.goBackTo(new LogPosition(new Epoch(3), 10));
    assertThatThrownBy(this::restore).isInstanceOf(Refusal.class).hasMessageContaining("digest");
    assertThat(machine.applied().index()).isEqualTo(10);
  }

  @Test
  void aFileThatIsCutShortIsDamage() throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 11));
    assertThatThrownBy(this::restore)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT));
  }

  private void flipInDigest(int at) throws IOException {
    Path digest = MD5FileUtil.getDigestFileForFile(file.toFile()).toPath();
    byte[] bytes = Files.readAllBytes(digest);
    bytes[at] ^= (byte) 0x80;
    Files.write(digest, bytes);
  }

  /// Of its digest, of its mark between digest and name, and of the name.
  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33, 36})
  void aSnapshotWhoseDigestIsDamagedIsWrittenAnewFromTheState(int at) throws IOException {
    machine.goBackTo(new LogPosition(new Epoch(3), 50));
    flipInDigest(at);
    assertThat(SnapshotFiles.mend(folder, machine)).hasValueSatisfying(this::namesTheFile);
    assertThat(SnapshotFiles.mend(folder, machine)).isEmpty();
    var heir = new MemoryStateMachine(true);
    assertThat(SnapshotFiles.mend(folder, heir)).isEmpty();
    assertThat(heir.applied().index()).isEqualTo(50);
  }

  /// Else it would be sent to voters that lack it.
  @Test
  void aSnapshotWhoseContentIsDamagedIsWrittenAnewToo() throws IOException {
    machine.goBackTo(POSITION);
    flip(23);
    assertThat(SnapshotFiles.mend(folder, machine)).hasValueSatisfying(this::namesTheFile);
    assertThat(SnapshotFiles.mend(folder, machine)).isEmpty();
  }

  /// Ratis reads the digests of all.
  @Test
  void anOlderSnapshotWhoseDigestCannotBeReadGoes() throws IOException {
    machine.goBackTo(new LogPosition(new Epoch(3), 50));
    Path older = folder.resolve("snapshot.2_7");
    Files.copy(file, older);
    Files.writeString(folder.resolve("snapshot.2_7.md5"), "no digest");
    assertThat(SnapshotFiles.mend(folder, machine))
        .hasValueSatisfying(told -> assertThat(told).contains("snapshot.2_7", "digest"));
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(file, folder.resolve("snapshot.2_42.md5"));
    }
  }

  private void namesTheFile(String told) {
    assertThat(told).contains("snapshot.2_42", "digest");
  }

  @Test
  void aDigestThatCannotBeReadIsNamedToAMachineThatIsBehind() throws IOException {
    flipInDigest(3);
    assertThatThrownBy(() -> SnapshotFiles.mend(folder, machine))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll("snapshot.2_42", "digest cannot be read", "aside");
  }
}
