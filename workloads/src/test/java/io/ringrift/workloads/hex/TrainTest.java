package io.ringrift.workloads.hex;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainTest {
  private static final String SIX = "--epochs 6 --seed 3 --model-out ";

  @TempDir private Path folder;
  private Training training = new Training(Path.of(""));

  @BeforeEach
  void playSomeGames() throws Exception {
    training = new Training(folder);
    assertThat(training.selfplay("--games 20 --engine nn --sims 8 --seed 1 --job-id a")).isZero();
  }

  @Test
  void sameGamesAndSeedMakeTheSameModel() throws Exception {
    assertThat(training.train(SIX + "one.bin")).isZero();
    assertThat(training.train(SIX + "two.bin")).isZero();
    assertThat(training.train("--epochs 6 --seed 4 --model-out three.bin")).isZero();

    assertThat(training.file("two.bin")).hasSameBinaryContentAs(training.file("one.bin"));
    assertThat(Files.mismatch(training.file("one.bin"), training.file("three.bin")))
        .isNotEqualTo(-1);
  }

  @Test
  void resumedTrainingMakesTheBitsOfTheWholeOne() throws Exception {
    training.trainUntil(3, SIX + "never.bin");
    assertThat(training.told()).contains("stopped in epoch 4");
    assertThat(training.checkpoints()).containsExactly("c_e0002.checkpoint", "c_e0003.checkpoint");
    assertThat(training.train(SIX + "resumed.bin")).isZero();
    assertThat(training.told()).contains("goes on after epoch 3");
    assertThat(training.train(SIX + "whole.bin")).isZero();

    assertThat(training.file("never.bin")).doesNotExist();
    assertThat(training.file("resumed.bin")).hasSameBinaryContentAs(training.file("whole.bin"));
    assertThat(training.lines().stream().filter(line -> line.startsWith("{\"epoch\":4")))
        .hasSize(2);
  }

  @Test
  void trainingGoesOnInAnotherFolderFromCopiedFilesToTheSameBits() throws Exception {
    training.trainUntil(3, SIX + "never.bin");
    var other = new Training(folder.resolve("other"));
    Files.createDirectories(other.file("games"));
    Files.createDirectories(other.file("checkpoints"));
    Files.copy(onlyGame(), other.file("games").resolve(onlyGame().getFileName()));
    Files.copy(
        training.file("checkpoints/c_e0003.checkpoint"),
        other.file("checkpoints/c_e0003.checkpoint"));

    assertThat(other.train(SIX + "one.bin")).isZero();
    assertThat(other.told()).contains("goes on after epoch 3");
    assertThat(training.train(SIX + "one.bin")).isZero();
    assertThat(other.file("one.bin")).hasSameBinaryContentAs(training.file("one.bin"));
    assertThat(loss(other.lines().getLast())).isEqualTo(loss(training.lines().getLast()));
  }

  @Test
  void checkpointsNeverChangeAndGoOnceTheModelIsThere() throws Exception {
    training.trainUntil(3, SIX + "never.bin");
    Path third = training.file("checkpoints/c_e0003.checkpoint");
    byte[] before = Files.readAllBytes(third);
    Files.delete(training.file("checkpoints/c_e0002.checkpoint"));
    training.trainUntil(4, SIX + "never.bin");
    assertThat(third).hasBinaryContent(before);

    assertThat(training.train(SIX + "one.bin")).isZero();
    assertThat(training.checkpoints()).isEmpty();
  }

  @Test
  void modelIsPublishedWithItsLossesThoughOnlyThatWasLeftToDo() throws Exception {
    training.trainUntil(5, SIX + "never.bin");
    training.trainUntil(6, SIX + "one.bin");
    String whole = training.lines().getLast();
    Files.delete(training.file("one.bin"));
    training.trainUntil(5, SIX + "never.bin");
    Files.createDirectories(training.file("one.bin"));
    assertThat(training.train(SIX + "one.bin")).isEqualTo(Program.FAILED);
    assertThat(training.checkpoints()).contains("c_e0006.checkpoint");
    Files.delete(training.file("one.bin"));

    int lines = training.lines().size();
    assertThat(training.train(SIX + "one.bin")).isZero();
    assertThat(training.lines()).hasSize(lines + 1);
    assertThat(whole).endsWith(",\"epochs_before\":5}");
    assertThat(training.lines().getLast()).isEqualTo(whole.replace(":5}", ":6}"));
  }

  @Test
  void checkpointsOfAnotherTrainingAreNeitherUsedNorReplacedNorRemoved() throws Exception {
    training.trainUntil(3, SIX + "never.bin");
    byte[] third = Files.readAllBytes(training.file("checkpoints/c_e0003.checkpoint"));

    assertThat(training.train("--epochs 6 --seed 3 --batch 32 --model-out two.bin")).isZero();
    assertThat(training.told())
        .contains("of another training", "begins anew", "no checkpoint of epoch 3")
        .doesNotContain("goes on");
    assertThat(training.checkpoints()).containsExactly("c_e0002.checkpoint", "c_e0003.checkpoint");
    assertThat(training.file("checkpoints/c_e0003.checkpoint")).hasBinaryContent(third);
  }

  @Test
  void damagedCheckpointIsToldPassedOverAndReplaced() throws Exception {
    training.trainUntil(3, SIX + "never.bin");
    Path third = training.file("checkpoints/c_e0003.checkpoint");
    byte[] bytes = Files.readAllBytes(third);
    byte[] damaged = bytes.clone();
    damaged[bytes.length / 2] ^= 1;
    Files.write(third, damaged);

    training.trainUntil(3, SIX + "never.bin");
    assertThat(training.told()).contains("damaged").contains("goes on after epoch 2");
    assertThat(third).hasBinaryContent(bytes);
  }

  @Test
  void exactlyTheListedFilesAreReadInTheirOrder() throws Exception {
    Path games = training.file("games");
    training.selfplay("--games 5 --engine heuristic --seed 2 --job-id b");
    Files.createDirectories(training.file("elsewhere"));
    String second = "hex5_2p_b_heuristic_s2_g5.db";
    Files.move(games.resolve(second), training.file("elsewhere/" + second));
    String first = "games/" + onlyGame().getFileName();
    list("elsewhere/" + second, "models/parent.bin", first);

    assertThat(training.train(SIX + "one.bin --files list --window 15")).isZero();
    assertThat(training.number("games")).isEqualTo(15);
    list(first, "elsewhere/" + second);
    assertThat(training.train(SIX + "two.bin --files list --window 15")).isZero();
    assertThat(Files.mismatch(training.file("one.bin"), training.file("two.bin"))).isNotEqualTo(-1);
    list();
    assertThat(training.train(SIX + "three.bin --files list")).isZero();
    assertThat(training.number("games")).as("an empty list: what is below --data").isEqualTo(20);
  }

  @Test
  void listedFileThatIsMissingEndsTheTrainingAndADamagedOneIsLeftOut() throws Exception {
    String good = "games/" + onlyGame().getFileName();
    list(good, "games/none.db");
    assertThat(training.train(SIX + "one.bin --files list")).isEqualTo(Program.FAILED);
    assertThat(training.told()).contains("none.db is not there");

    Path copy = training.file("games/copy.db");
    Files.copy(onlyGame(), copy);
    change(copy, "UPDATE games SET winner = 3 - winner");
    list(good, "games/copy.db");
    assertThat(training.train(SIX + "one.bin --files nowhere")).isEqualTo(Program.FAILED);
    assertThat(training.file("one.bin")).doesNotExist();
    assertThat(training.train(SIX + "one.bin --files list")).isZero();
    assertThat(training.told()).contains("left out").contains("copy.db");
    assertThat(training.number("skipped_files")).isEqualTo(1);
  }

  private void list(String... paths) throws Exception {
    Files.write(training.file("list"), List.of(paths));
  }

  @Test
  void stoppedTrainingWritesNoModel() throws Exception {
    var main = training.trainer(SIX + "one.bin");
    main.stop();

    assertThat(main.run()).isZero();
    assertThat(training.file("one.bin")).doesNotExist();
    assertThat(training.told()).contains("stopped in epoch 1");
  }

  @Test
  void lossThatIsNotFiniteEndsWithoutAModel() throws Exception {
    assertThat(training.train(SIX + "one.bin --learning-rate 1e20"))
        .isEqualTo(TrainMain.NOT_FINITE);

    assertThat(training.told()).contains("not finite").contains("--learning-rate");
    assertThat(training.file("one.bin")).doesNotExist();
    assertThat(training.file("checkpoints")).doesNotExist();
    assertThat(training.lines()).isEmpty();
  }

  @Test
  void tooFewGamesAreRefused() throws Exception {
    assertThat(training.train(SIX + "one.bin --min-games 21")).isEqualTo(TrainMain.TOO_FEW);

    assertThat(training.told()).contains("20 games of hex5").contains("--min-games is 21");
    assertThat(training.file("one.bin")).doesNotExist();
  }

  @Test
  void missingFolderIsTold() throws Exception {
    var elsewhere = new Training(folder.resolve("elsewhere"));

    assertThat(elsewhere.train(SIX + "one.bin")).isEqualTo(Program.FAILED);
    assertThat(elsewhere.told()).contains("cannot train from");
  }

  @Test
  void lastLineTellsWhereTheModelComesFrom() throws Exception {
    assertThat(training.train(SIX + "one.bin")).isZero();
    var first = training.lines().getLast();
    String sha = ModelFile.read(training.file("one.bin"), Training.HEX5).sha256();
    assertThat(training.train("--epochs 1 --seed 3 --parent one.bin --model-out two.bin")).isZero();

    assertThat(training.lines().getFirst())
        .matches(
            "\\{\"epoch\":1,\"loss\":[0-9.]+,\"policy_loss\":[0-9.]+,\"value_loss\":[0-9.]+,"
                + "\"positions\":\\d+,\"seconds\":[0-9.]+}");
    assertThat(first)
        .contains("\"sha256\":\"" + sha + "\"", "\"games\":20,", "\"seed\":3", "\"parent\":\"\"")
        .containsPattern(
            "\"epochs\":6,\"loss\":[0-9.]+,\"policy_loss\":[0-9.]+,\"value_loss\":[0-9.]+,")
        .containsPattern("\"data_hash\":\"[0-9a-f]{64}\"");
    assertThat(training.lines().getLast()).contains("\"parent\":\"" + sha + "\"");
  }

  @Test
  void lossesFallWhileItLearns() throws Exception {
    assertThat(training.train("--epochs 30 --seed 3 --model-out one.bin")).isZero();

    assertThat(loss(training.lines().get(29))).isLessThan(0.8 * loss(training.lines().getFirst()));
  }

  private static double loss(String line) {
    return Double.parseDouble(line.replaceAll(".*\"loss\":([0-9.]+).*", "$1"));
  }

  @Test
  void damagedFilesAreNamedAndLeftOut() throws Exception {
    Path games = training.file("games");
    Path good = onlyGame();
    Files.writeString(
        games.resolve("garbage.db"), "no database at all, but long enough to be read");
    for (String change :
        List.of(
            "winner = 3 - winner",
            "moves = moves || ' a1'",
            "moves = replace(moves, ' ', ',')",
            "visits = replace(visits, ':', ':x')",
            "visits = visits || ';a1:1'")) {
      Path copy = games.resolve("changed" + change.hashCode() + ".db");
      Files.copy(good, copy);
      change(copy, "UPDATE games SET " + change + " WHERE game_id = 'a-000007'");
    }

    var data = Dataset.read(games, Training.HEX5, 1000, this::note);
    assertThat(data.games()).hasSize(20);
    assertThat(data.skipped()).isEqualTo(6);
    assertThat(notes.toString()).contains("garbage.db").contains("game a-000007");
  }

  private final StringBuilder notes = new StringBuilder();

  private void note(String line) {
    notes.append(line).append('\n');
  }

  @Test
  void gamesOfOtherBoardsAndCopiesDoNotCount() throws Exception {
    Files.createDirectories(training.file("games/copies"));
    Files.copy(onlyGame(), training.file("games/copies/again.db"));
    Files.copy(onlyGame(), training.file("games/other.db"));
    change(training.file("games/other.db"), "UPDATE games SET board_type = 'hex6'");

    assertThat(Dataset.read(training.file("games"), Training.HEX5, 1000, this::note).games())
        .hasSize(20);
    assertThat(notes.toString()).isEmpty();
  }

  @Test
  void newestGamesWin() throws Exception {
    Path old = onlyGame();
    training.selfplay("--games 5 --engine heuristic --seed 2 --job-id b");
    Files.setLastModifiedTime(old, java.nio.file.attribute.FileTime.fromMillis(1000));

    var data = Dataset.read(training.file("games"), Training.HEX5, 7, this::note);
    assertThat(data.games().stream().map(TrainingGame::id))
        .containsExactly(
            "a-000019", "a-000020", "b-000001", "b-000002", "b-000003", "b-000004", "b-000005");
  }

  @Test
  void filesOfTheFirstVersionTeachTheirMoves() throws Exception {
    training.selfplay("--games 3 --engine heuristic --seed 2 --job-id b");
    Path file = training.file("games/hex5_2p_b_heuristic_s2_g3.db");
    change(file, "ALTER TABLE games DROP COLUMN visits");
    change(file, "ALTER TABLE games DROP COLUMN model");
    change(file, "PRAGMA user_version = 1");
    Files.delete(onlyGame());

    var game = Dataset.read(training.file("games"), Training.HEX5, 9, this::note).games().get(1);
    assertThat(game.searched().getFirst()).as("a chance move").isNull();
    for (int ply = 1; ply < game.moves().length; ply++) {
      var searched = java.util.Objects.requireNonNull(game.searched().get(ply));
      assertThat(searched.cells()).containsExactly(game.moves()[ply]);
      assertThat(searched.shares()).containsExactly(1f);
    }
  }

  private Path onlyGame() {
    String model = Model.untrained(Training.HEX5, 1).sha256().substring(0, 8);
    return training.file("games/hex5_2p_a_nn-" + model + "_s1_g20.db");
  }

  private static void change(Path file, String sql) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
