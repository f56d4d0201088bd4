package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Games as arrays, read back as NumPy's format says.
final class ExportTest {
  private static final int CELLS = 25;

  @TempDir private Path folder;
  private Training training = new Training(Path.of(""));

  /// An array: the text of its header, and what follows.
  private record Array(String header, ByteBuffer data) {}

  @BeforeEach
  void playSomeGames() throws Exception {
    training = new Training(folder);
    assertThat(training.selfplay("--games 12 --engine nn --sims 8 --seed 1 --job-id a")).isZero();
  }

  private Map<String, Array> read(String name) throws IOException {
    var arrays = new LinkedHashMap<String, Array>();
    try (var zip = new ZipInputStream(Files.newInputStream(training.file(name)))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] bytes = zip.readAllBytes();
        assertThat(new String(bytes, 0, 8, ISO_8859_1)).isEqualTo("\u0093NUMPY\u0001\u0000");
        int length = Byte.toUnsignedInt(bytes[8]) + 256 * Byte.toUnsignedInt(bytes[9]);
        assertThat((10 + length) % 64).as("NumPy aligns the data").isZero();
        arrays.put(
            entry.getName(),
            new Array(
                new String(bytes, 10, length, ISO_8859_1),
                ByteBuffer.wrap(bytes, 10 + length, bytes.length - 10 - length).slice()));
      }
    }
    return arrays;
  }

  private static ByteBuffer data(Map<String, Array> arrays, String name) {
    return Objects.requireNonNull(arrays.get(name + ".npy"), name).data();
  }

  @Test
  void everyPositionOfEveryGameIsARowOfEachArray() throws Exception {
    assertThat(training.export("--out training/hex5_2p/all.npz")).isZero();
    int rows = (int) training.number("positions");
    assertThat(training.number("games")).isEqualTo(12);
    assertThat(training.lines().getLast())
        .contains("\"export\":\"training/hex5_2p/all.npz\"")
        .contains(Digests.hex(Files.readAllBytes(training.file("training/hex5_2p/all.npz"))));
    var arrays = read("training/hex5_2p/all.npz");
    assertThat(arrays.keySet())
        .containsExactly(
            "boards.npy", "to_move.npy", "policy.npy", "searched.npy", "value.npy", "game.npy");
    assertThat(Objects.requireNonNull(arrays.get("boards.npy")).header())
        .isEqualToIgnoringWhitespace(
            "{'descr': '|i1', 'fortran_order': False, 'shape': (%d, 25), }".formatted(rows));
    assertThat(data(arrays, "boards").remaining()).isEqualTo(rows * CELLS);
    assertThat(data(arrays, "policy").remaining()).isEqualTo(4 * rows * CELLS);
    assertThat(data(arrays, "game").remaining()).isEqualTo(4 * rows);
  }

  @Test
  void rowsAreWhatTheSideToMoveSees() throws Exception {
    assertThat(training.export("--out all.npz")).isZero();
    var arrays = read("all.npz");
    int rows = (int) training.number("positions");
    int plies = 0;
    for (int row = 0; row < rows; row++) {
      boolean begins =
          row == 0
              || data(arrays, "game").getInt(4 * row) != data(arrays, "game").getInt(4 * row - 4);
      plies = begins ? 0 : plies + 1;
      assertThat(data(arrays, "to_move").get(row)).isEqualTo((byte) (1 + plies % 2));
      assertThat(stones(arrays, row, 1)).isEqualTo(plies / 2);
      assertThat(stones(arrays, row, -1)).isEqualTo((plies + 1) / 2);
      float sum = sum(arrays, row);
      assertThat(sum).isBetween(0.0f, 1.001f);
      assertThat(sum > 0.99f).isEqualTo(data(arrays, "searched").get(row) == 1);
      if (!begins) {
        assertThat(data(arrays, "value").get(row))
            .as("the winner does not change within a game")
            .isEqualTo((byte) -data(arrays, "value").get(row - 1));
      }
    }
    assertThat(data(arrays, "game").getInt(4 * rows - 4)).isEqualTo(11);
  }

  private static int stones(Map<String, Array> arrays, int row, int whose) {
    int count = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      count += data(arrays, "boards").get(row * CELLS + cell) == whose ? 1 : 0;
    }
    return count;
  }

  private static float sum(Map<String, Array> arrays, int row) {
    float sum = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      sum += data(arrays, "policy").getFloat(4 * (row * CELLS + cell));
    }
    return sum;
  }

  @Test
  void theSameGamesMakeTheSameBytesAndAFileNeverChanges() throws Exception {
    assertThat(training.export("--out one.npz")).isZero();
    assertThat(training.export("--out two.npz")).isZero();
    assertThat(training.file("two.npz")).hasSameBinaryContentAs(training.file("one.npz"));
    assertThat(training.export("--out one.npz")).as("an equal one is kept").isZero();
    assertThat(training.export("--window 5 --out one.npz")).isEqualTo(Program.FAILED);
    assertThat(training.told()).contains("use another name");
    assertThat(training.file("one.npz")).hasSameBinaryContentAs(training.file("two.npz"));
    assertThat(folder).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void whatIsMissingOrTooLittleMakesNoFile() throws Exception {
    assertThat(training.export("--min-games 13 --out a.npz")).isEqualTo(ExportMain.TOO_FEW);
    Files.writeString(training.file("list"), "games/none.db\n");
    assertThat(training.export("--files list --out a.npz")).isEqualTo(Program.FAILED);
    assertThat(training.told()).contains("12 games of hex5 are too few", "none.db is not there");
    assertThat(training.file("a.npz")).doesNotExist();
  }
}
