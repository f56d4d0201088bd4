package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafePathTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "../secret.db",
        "selfplay/../../secret.db",
        "selfplay/..",
        "/etc/passwd.db",
        "//selfplay/a.db",
        "selfplay//a.db",
        "selfplay/./a.db",
        "./selfplay/a.db",
        "selfplay/a.db/",
        "selfplay\\..\\a.db",
        "selfplay/a\u0000.db",
        "selfplay/a\n.db",
        "selfplay/%2e%2e/a.db",
        "selfplay/%2E%2E%2fa.db",
        "C:/selfplay/a.db",
        ".partial/a.db",
        "selfplay/.partial/a.db",
        "selfplay/.PARTIAL/a.db",
        "selfplay/a.partial/b.db",
        "selfplay/\ud800.db",
      })
  void aHostilePathIsRefusedByName(String path) {
    var refusal = catchThrowableOfType(Refusal.class, () -> SafePath.under(folder).resolve(path));

    assertThat(refusal.reason()).isEqualTo(Reason.PATH_OUTSIDE_ROOT);
    assertThat(refusal.details()).containsEntry("field", "path").containsEntry("value", path);
  }

  @Test
  void namesThatAreTooLongAreRefused() {
    var paths = SafePath.under(folder);

    assertThatThrownBy(() -> paths.resolve("selfplay/" + "a".repeat(253) + ".db"))
        .hasMessageContaining("255 bytes");
    assertThatThrownBy(() -> paths.resolve("selfplay/" + "a/".repeat(600) + ".db"))
        .hasMessageContaining("1024");
  }

  @Test
  void whatIsNoDataFileIsRefused() {
    var refusal =
        catchThrowableOfType(
            Refusal.class, () -> SafePath.under(folder).resolve("state/ringrift.db"));

    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
  }

  @Test
  void aLinkedFolderIsRefused(@TempDir Path outside) throws Exception {
    Files.writeString(outside.resolve("a.db"), "secret");
    Files.createSymbolicLink(folder.resolve("selfplay"), outside);

    assertRefused("selfplay/a.db");
    assertRefused("selfplay/new.db");
  }

  @Test
  void aLinkedFileIsRefused(@TempDir Path outside) throws Exception {
    Path secret = Files.writeString(outside.resolve("secret"), "secret");
    Files.createDirectory(folder.resolve("games"));
    Files.createSymbolicLink(folder.resolve("games/a.db"), secret);
    Files.createSymbolicLink(folder.resolve("games/dangling.db"), outside.resolve("nothing"));

    assertRefused("games/a.db");
    assertRefused("games/dangling.db");
  }

  @Test
  void foldersAreNotMadeBeyondALink(@TempDir Path outside) throws Exception {
    var paths = SafePath.under(folder);
    Path file = paths.resolve("selfplay/x/a.db");
    Files.createSymbolicLink(folder.resolve("selfplay"), outside);

    assertThatThrownBy(() -> paths.makeFolders("selfplay/x/a.db", file))
        .isInstanceOf(Refusal.class);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void anOrdinaryPathResolvesWhetherOrNotItIsThere() throws Exception {
    var paths = SafePath.under(folder);
    Path file = paths.resolve("selfplay/hex8_2p/ünïcode 1.db");
    paths.makeFolders("selfplay/hex8_2p/ünïcode 1.db", file);
    Files.writeString(file, "x");

    assertThat(paths.resolve("selfplay/hex8_2p/ünïcode 1.db"))
        .isEqualTo(folder.toRealPath().resolve("selfplay/hex8_2p/ünïcode 1.db"));
  }

  private void assertRefused(String path) {
    var refusal = catchThrowableOfType(Refusal.class, () -> SafePath.under(folder).resolve(path));
    assertThat(refusal.reason()).isEqualTo(Reason.PATH_OUTSIDE_ROOT);
    assertThat(refusal.text()).contains("symbolic link");
  }
}
