package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SelfplayTest {
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  @Test
  void sameSeedMakesTheSameBytes(@TempDir Path one, @TempDir Path two) throws Exception {
    assertThat(selfplay(one, 12).run()).isZero();
    assertThat(selfplay(two, 12).run()).isZero();

    Path first = only(one);
    assertThat(first.getFileName()).hasToString("hex6_2p_j1_heuristic_s9_g12.db");
    assertThat(Files.mismatch(first, only(two))).isEqualTo(-1);
  }

  @Test
  void aRepetitionOfTheRunKeepsTheFile(@TempDir Path folder) throws Exception {
    assertThat(selfplay(folder, 4).run()).isZero();
    assertThat(selfplay(folder, 4).run()).isZero();

    assertThat(only(folder)).isRegularFile();
  }

  @Test
  void aPublishedFileWithOtherContentIsNotReplaced(@TempDir Path folder) throws Exception {
    Path taken = Files.writeString(folder.resolve("hex6_2p_j1_heuristic_s9_g4.db"), "other");

    assertThat(selfplay(folder, 4).run()).isEqualTo(Program.FAILED);

    assertThat(only(folder)).isEqualTo(taken).hasContent("other");
    assertThat(progress.toString(UTF_8)).contains("other content");
  }

  @Test
  void gamesAreInTheTable(@TempDir Path folder) throws Exception {
    selfplay(folder, 5).run();

    assertThat(query(only(folder), "SELECT count(*) FROM games WHERE winner IN (1,2)"))
        .isEqualTo("5");
    assertThat(query(only(folder), "SELECT game_id FROM games ORDER BY game_id LIMIT 1"))
        .isEqualTo("j1-000001");
    assertThat(
            query(
                only(folder),
                "SELECT count(*) FROM games WHERE num_players=2"
                    + " AND board_type='hex6' AND engine_mode='heuristic'"
                    + " AND num_moves = length(moves) - length(replace(moves,' ','')) + 1"))
        .isEqualTo("5");
    assertThat(progress.toString(UTF_8)).contains("game 5/5 winner");
  }

  @Test
  void networkPlaysTheSameBytesAndTellsItsVisits(@TempDir Path one, @TempDir Path two)
      throws Exception {
    String order = "--games 4 --engine nn --sims 16 --seed 9 --job-id j1";
    assertThat(new Training(one).selfplay(order)).isZero();
    assertThat(new Training(two).selfplay(order)).isZero();

    Path file = only(one.resolve("games"));
    assertThat(Files.mismatch(file, only(two.resolve("games")))).isEqualTo(-1);
    assertThat(
            query(
                file,
                "SELECT count(*) FROM games WHERE engine_mode='nn' AND length(model) = 64"
                    + " AND length(visits) - length(replace(visits,';','')) = num_moves - 1"))
        .isEqualTo("4");
    assertThat(query(file, "PRAGMA user_version")).isEqualTo("2");
  }

  @Test
  void aFolderThatCannotBeMadeIsToldWithoutAFile(@TempDir Path folder) throws Exception {
    Path blocked = Files.writeString(folder.resolve("blocked"), "a file");

    assertThat(selfplay(blocked, 2).run()).isEqualTo(Program.FAILED);

    assertThat(progress.toString(UTF_8)).contains("cannot write games to").contains("blocked");
    assertThat(only(folder)).isEqualTo(blocked);
  }

  @Test
  void leftoversOfADeadRunAreRemoved(@TempDir Path folder) throws Exception {
    long gone = deadProcess();
    Files.writeString(folder.resolve("hex6_2p_j1_heuristic_s9." + gone + ".partial"), "half");

    selfplay(folder, 2).run();

    assertThat(only(folder).toString()).endsWith("_g2.db");
  }

  @Test
  void stopBeforeTheFirstGameWritesNothing(@TempDir Path folder) throws Exception {
    var selfplay = selfplay(folder, 3);
    selfplay.stop();

    assertThat(selfplay.run()).isZero();
    assertThat(folder).isEmptyDirectory();
  }

  private SelfplayMain selfplay(Path folder, int games) throws UsageException {
    var words =
        List.of(
            ("--board hex6 --games " + games + " --engine heuristic --seed 9 --job-id j1")
                .split(" ", -1));
    var all = new ArrayList<>(words);
    all.addAll(List.of("--output", folder.toString()));
    return new SelfplayMain(Arguments.parse(all), new PrintStream(progress, true, UTF_8));
  }

  private static long deadProcess() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  private static Path only(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      var found = files.toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  private static String query(Path file, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
