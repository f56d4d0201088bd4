package io.ringrift.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.EpochStore.Pledge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EpochStoreTest {
  private static final Pledge KEPT =
      new Pledge(new Epoch(7), Optional.of(new NodeId("n2")), new Epoch(9), true);

  @TempDir Path folder;

  private Pledge reopened() {
    try (var store = EpochStore.open(folder)) {
      return store.pledge();
    }
  }

  private void store() {
    try (var store = EpochStore.open(folder)) {
      store.promise(new Epoch(6), Optional.empty());
      store.see(new Epoch(9));
      store.see(new Epoch(8));
      store.rebuilding(true);
      store.promise(KEPT.promised(), KEPT.grantedTo());
    }
  }

  @Test
  void aNewFolderHasPromisedNothing() {
    assertThat(reopened()).isEqualTo(Pledge.NONE);
  }

  @Test
  void thePledgeSurvivesARestart() {
    store();
    assertThat(reopened()).isEqualTo(KEPT);
    assertThat(reopened().greatest()).isEqualTo(new Epoch(9));
  }

  @ParameterizedTest
  @CsvSource({"epoch-a,0", "epoch-a,1", "epoch-a,255", "epoch-b,0", "epoch-b,100", "epoch-b,255"})
  void oneTruncatedCopyCostsNothing(String copy, long length) {
    store();
    Damage.truncate(folder.resolve(copy), length);
    assertThat(reopened()).isEqualTo(KEPT);
    Damage.truncate(folder.resolve(copy.equals("epoch-a") ? "epoch-b" : "epoch-a"), length);
    assertThat(reopened()).as("the damaged copy was mended at the first start").isEqualTo(KEPT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoch-a", "epoch-b"})
  void oneMissingCopyCostsNothing(String copy) throws IOException {
    store();
    Files.delete(folder.resolve(copy));
    assertThat(reopened()).isEqualTo(KEPT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 13, 21, 29, 32, 200, 254})
  void anyFlippedBitIsNoticed(int offset) {
    store();
    Damage.flipBit(folder.resolve("epoch-a"), offset);
    Damage.flipBit(folder.resolve("epoch-b"), offset);
    assertThatThrownBy(this::reopened)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll("epoch-a", "epoch-b");
  }

  @Test
  void aCopyTornByACrashLeavesTheOlderPromise() throws IOException {
    store();
    byte[] older = Files.readAllBytes(folder.resolve("epoch-b"));
    try (var store = EpochStore.open(folder)) {
      store.promise(new Epoch(20), Optional.of(new NodeId("n3")));
    }
    // The state between the two writes: the first half written, the second not yet begun.
    Files.write(folder.resolve("epoch-b"), older);
    Damage.truncate(folder.resolve("epoch-a"), 128);
    assertThat(reopened()).isEqualTo(KEPT);
  }

  @Test
  void theNewerCopyWins() throws IOException {
    store();
    byte[] older = Files.readAllBytes(folder.resolve("epoch-b"));
    try (var store = EpochStore.open(folder)) {
      store.promise(new Epoch(20), Optional.empty());
    }
    Files.write(folder.resolve("epoch-b"), older);
    assertThat(reopened().promised()).isEqualTo(new Epoch(20));
  }
}
