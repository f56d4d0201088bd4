package io.ringrift.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFolderTest {
  private static final NodeId N1 = new NodeId("n1");

  @TempDir Path folder;

  private static void refused(ThrowingCallable call, Reason reason, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.reason()).isEqualTo(reason))
        .hasMessageContainingAll(words);
  }

  @Test
  void theSameNodeFindsItsFolderAgain() {
    StateFolder.open(folder, "c1", N1).close();
    try (var again = StateFolder.open(folder, "c1", N1)) {
      assertThat(again.resolve("log")).isEqualTo(folder.resolve("log"));
    }
  }

  @Test
  void aFolderInUseIsRefusedWithTheProcessThatHoldsIt() {
    try (var held = StateFolder.open(folder, "c1", N1)) {
      assertThat(held.resolve("lock")).exists();
      refused(
          () -> StateFolder.open(folder, "c1", N1),
          Reason.STATE_IN_USE,
          "process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void aFolderOfAnotherClusterIsRefusedNamingBoth() {
    StateFolder.open(folder, "c1", N1).close();
    refused(() -> StateFolder.open(folder, "c2", N1), Reason.WRONG_CLUSTER, "c1", "c2");
    StateFolder.open(folder, "c1", N1).close();
  }

  @Test
  void aFolderOfAnotherNodeIsRefusedNamingBoth() {
    StateFolder.open(folder, "c1", N1).close();
    refused(() -> StateFolder.open(folder, "c1", new NodeId("n2")), Reason.WRONG_NODE, "n1", "n2");
  }

  @Test
  void anUnreadableIdentityIsCorrupt() throws IOException {
    StateFolder.open(folder, "c1", N1).close();
    Files.writeString(folder.resolve("identity"), "");
    refused(() -> StateFolder.open(folder, "c1", N1), Reason.STORAGE_CORRUPT, "identity");
  }

  @Test
  void damagedPartsMoveAsideUnderNewNames() throws IOException {
    try (var state = StateFolder.open(folder, "c1", N1)) {
      for (int n = 1; n <= 2; n++) {
        Files.createDirectories(state.resolve("log"));
        Files.writeString(state.resolve("log").resolve("x"), "y");
        assertThat(state.moveAside("log")).isEqualTo(folder.resolve("quarantine/log-" + n));
        assertThat(state.resolve("log")).doesNotExist();
      }
    }
  }
}
