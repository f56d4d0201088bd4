package io.ringrift.workloads.hex;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The command line of an export, checked.
///
/// @param data folder with game files, read when no list names some
/// @param files list of game files; each has to be there
/// @param root folder where the paths in the list begin
/// @param window most games, the newest ones
/// @param fewest fewest games to export
record ExportArguments(
    Grid grid, Path data, Optional<Path> files, Path root, Path out, int window, int fewest) {
  static final String USAGE =
      """
      Writes the positions of Hex games as arrays for NumPy.

      usage: hex-export --board hex5 --data DIR --out FILE [--files FILE] [--players 2]
                        [--window N] [--min-games N] [--root DIR]

        --board      hex5 to hex11
        --data       folder; every *.db below it that holds games of the board is read
        --files      text file with paths below --root, a line each; when it names *.db files,
                     exactly these are read instead of --data; a missing one is an error
        --out        file, .npz by custom, written once and whole
        --window     1 to 1000000 newest games; 20000 when left out
        --min-games  1 to 1000000; fewer games are refused; 1 when left out
        --root       folder where relative paths begin; the working directory when left out
        --seed       taken and not used: nothing here is chance

      the file, a row for each position, games in the order of their ids:
        boards    int8 (N, cells)  1 own stone, -1 other, 0 empty, seen by the side to move
        to_move   int8 (N)         1 connects top with bottom, 2 left with right
        policy    float32 (N, cells), big-endian; what the search thought, adds up to 1
        searched  bool (N)         false where the move teaches no policy: its row is 0
        value     int8 (N)         1 when the side to move won the game, else -1
        game      int32 (N), big-endian; number of the game, from 0
      stdout: a JSON line with the file, its SHA-256 and how much is in it
      exit codes: 0 the file is there; 1 something could not be read or written; 2 wrong usage;
                  4 too few games
      """;

  private static final Set<String> REQUIRED = Set.of("--board", "--data", "--out");
  private static final Set<String> OPTIONAL =
      Set.of("--files", "--players", "--window", "--min-games", "--root", "--seed");

  static ExportArguments parse(List<String> words) throws UsageException {
    var options = Options.read(words, REQUIRED, OPTIONAL);
    return new ExportArguments(
        options.grid(),
        options.path("--data", "a folder"),
        options.given("--files").isPresent()
            ? Optional.of(options.path("--files", "a text file"))
            : Optional.empty(),
        options.root(),
        options.path("--out", "a file"),
        options.whole("--window", 20_000, 1, 1_000_000),
        options.whole("--min-games", 1, 1, 1_000_000));
  }
}
