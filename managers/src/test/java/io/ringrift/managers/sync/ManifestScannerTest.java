package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.FileEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestScannerTest {
  @TempDir private Path folder;
  private final MemoryDigestCache cache = new MemoryDigestCache();

  @Test
  void dataFilesAreListedWithHashKindConfigAndGames() throws Exception {
    Path file = folder.resolve("selfplay/hex8_2p/a.db");
    Files.createDirectories(file.getParent());
    database(file, 3);
    write("selfplay/hex8_2p/b.jsonl", "{}\n{}\n{}");
    write("models/m.pt", "weights");

    var manifest = scanner(100).scan();

    assertThat(manifest.getFilesList())
        .extracting(FileEntry::getPath)
        .containsExactly("models/m.pt", "selfplay/hex8_2p/a.db", "selfplay/hex8_2p/b.jsonl");
    var entry = manifest.getFiles(1);
    assertThat(entry.getSha256()).isEqualTo(FileDigest.of(file));
    assertThat(entry.getSizeBytes()).isEqualTo(Files.size(file));
    assertThat(entry.getFileType()).isEqualTo("selfplay");
    assertThat(entry.getConfigKey()).isEqualTo("hex8_2p");
    assertThat(entry.getGameCount()).isEqualTo(3);
    assertThat(manifest.getTotalGames()).isEqualTo(6);
    assertThat(manifest.getVersion()).isEqualTo(1);
  }

  @Test
  void whatIsNotFinishedDataIsLeftOut(@TempDir Path outside) throws Exception {
    write("selfplay/a.db.partial", "half");
    write("selfplay/.partial/x.db", "half");
    write("selfplay/live.db", "live");
    write("selfplay/live.db-wal", "log");
    write("selfplay/notes.txt", "text");
    write("state/node.db", "state");
    write("selfplay/bad%2ename.db", "odd");
    Path secret = Files.writeString(outside.resolve("s.db"), "secret");
    Files.createSymbolicLink(folder.resolve("selfplay/link.db"), secret);
    Files.createSymbolicLink(folder.resolve("selfplay/linked"), outside);
    Files.createSymbolicLink(folder.resolve("games"), outside);

    assertThat(scanner(100).scan().getFilesList()).isEmpty();
  }

  @Test
  void anUnchangedFileIsNotReadAgain() throws Exception {
    write("selfplay/a.db", "a");
    var scanner = scanner(100);
    var first = scanner.scan();
    var again = scanner.scan();
    assertThat(cache.misses()).isEqualTo(1);
    assertThat(again.getVersion()).isEqualTo(first.getVersion());

    write("selfplay/b.db", "b");
    assertThat(scanner.scan().getVersion()).isEqualTo(2);
    assertThat(cache.misses()).isEqualTo(2);
  }

  @Test
  void forgottenFileThatIsGoneIsNotListedAnyMore() throws Exception {
    write("selfplay/a.db", "a");
    var scanner = scanner(100);
    assertThat(scanner.scan().getFilesCount()).isEqualTo(1);

    scanner.forget("selfplay/a.db");
    Files.delete(folder.resolve("selfplay/a.db"));

    assertThat(scanner.scan().getFilesList()).isEmpty();
    assertThat(scanner.latest().getVersion()).isEqualTo(2);
  }

  @Test
  void databaseThatIsTakenIntoUseIsNotListedAnyMore() throws Exception {
    write("selfplay/a.db", "a");
    var scanner = scanner(100);
    assertThat(scanner.scan().getFilesCount()).isEqualTo(1);

    write("selfplay/a.db-wal", "log");
    assertThat(scanner.scan().getFilesList()).isEmpty();
    Files.delete(folder.resolve("selfplay/a.db-wal"));
    assertThat(scanner.scan().getFilesCount()).isEqualTo(1);
  }

  @Test
  void equalFilesGiveEqualDigestsOnEveryNode(@TempDir Path other) throws Exception {
    write("selfplay/a.db", "a");
    Files.createDirectories(other.resolve("selfplay"));
    Files.writeString(other.resolve("selfplay/a.db"), "a");

    var there = new ManifestScanner(new NodeId("n2"), SafePath.under(other), cache, 10).scan();

    assertThat(there.getDigest()).isEqualTo(scanner(10).scan().getDigest());
  }

  @Test
  void moreFilesThanAllowedIsAnErrorThatNamesTheBound() throws Exception {
    for (int i = 0; i < 4; i++) {
      write("selfplay/" + i + ".db", "x");
    }

    assertThatThrownBy(() -> scanner(3).scan()).hasMessageContaining("more than 3 files");
  }

  @Test
  void linesOfABigFileAreEstimatedFromASample() throws Exception {
    write("selfplay/big.jsonl", "{\"game\":1}\n".repeat(100_000));
    Path file = folder.resolve("selfplay/big.jsonl");

    assertThat(GameCounter.lines(file, Files.size(file), 1000)).isBetween(99_000L, 101_000L);
    assertThat(GameCounter.lines(file, Files.size(file), GameCounter.EXACT_LIMIT))
        .isEqualTo(100_000);
  }

  @Test
  void aHostileViewIsNotCounted() throws Exception {
    Path file = folder.resolve("v.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute(
          "CREATE VIEW games AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
              + " SELECT i FROM n");
    }

    assertThat(GameCounter.count("selfplay/v.db", file, 1)).isZero();
  }

  private ManifestScanner scanner(int most) {
    return new ManifestScanner(new NodeId("n1"), SafePath.under(folder), cache, most);
  }

  private void write(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static void database(Path file, int games) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE games (game_id TEXT)");
      for (int i = 0; i < games; i++) {
        statement.execute("INSERT INTO games VALUES ('g" + i + "')");
      }
    }
  }
}
