package io.ringrift.workloads.hex;

import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One game as training reads it.
///
/// @param id of the game
/// @param digest SHA-256 of everything that was read of it, in hexadecimal
/// @param moves cells in order
/// @param searched what to learn for each move; null where the move teaches no policy
record TrainingGame(
    String id, String digest, byte[] moves, Side winner, List<@Nullable Searched> searched) {
  /// How a search shared its visits.
  ///
  /// @param shares parts of 1, one for each cell named
  record Searched(byte[] cells, float[] shares) {}

  /// Reads and replays the columns of a row.
  ///
  /// @throws BadFileException when they are no game of Hex that ends as it says
  static TrainingGame of(
      Grid grid, String id, long seed, int winner, String movesText, String visitsText)
      throws BadFileException {
    var board = new Board(grid);
    String[] names = movesText.split(" ", -1);
    if (names.length > grid.cells()) {
      throw new BadFileException("game " + id + " has more moves than cells");
    }
    var moves = new byte[names.length];
    var searched = new Searching(grid, id, visitsText, names.length);
    for (int ply = 0; ply < names.length; ply++) {
      int cell = grid.cellOf(names[ply]);
      if (cell < 0 || !board.empty(cell) || board.winner().isPresent()) {
        throw new BadFileException(
            "game " + id + " cannot have \"" + names[ply] + "\" as move " + (ply + 1));
      }
      searched.add(board, cell);
      board.play(cell);
      moves[ply] = (byte) cell;
    }
    var side = board.winner();
    if (side.isEmpty() || side.get().number() != winner) {
      throw new BadFileException("game " + id + " does not end with winner " + winner);
    }
    var digest = Digests.sha256();
    for (String part : new String[] {id, Long.toString(seed), movesText, visitsText}) {
      digest.update(part.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return new TrainingGame(
        id, HexFormat.of().formatHex(digest.digest()), moves, side.get(), searched.found);
  }

  /// Takes the visits of a row apart. A game without visits teaches the moves themselves, all but
  /// the first, which is chance by default.
  private static final class Searching {
    private final Grid grid;
    private final String id;
    private final String[] plies;
    private final List<@Nullable Searched> found = new java.util.ArrayList<>();

    Searching(Grid grid, String id, String text, int moves) throws BadFileException {
      this.grid = grid;
      this.id = id;
      this.plies = text.isEmpty() ? new String[0] : text.split(";", -1);
      if (plies.length != 0 && plies.length != moves) {
        throw new BadFileException(
            "game " + id + " has visits for " + plies.length + " of " + moves + " moves");
      }
    }

    void add(Board board, int cell) throws BadFileException {
      int ply = board.moves();
      if (plies.length == 0) {
        found.add(ply == 0 ? null : new Searched(new byte[] {(byte) cell}, new float[] {1}));
      } else {
        found.add(plies[ply].isEmpty() ? null : parsed(board, plies[ply]));
      }
    }

    private Searched parsed(Board board, String text) throws BadFileException {
      String[] parts = text.split(" ", -1);
      var cells = new byte[parts.length];
      var shares = new float[parts.length];
      double sum = 0;
      for (int i = 0; i < parts.length; i++) {
        int colon = parts[i].indexOf(':');
        int cell = grid.cellOf(parts[i].substring(0, Math.max(0, colon)));
        int count = count(parts[i].substring(colon + 1));
        if (cell < 0 || !board.empty(cell) || count < 1) {
          throw new BadFileException("game " + id + " cannot have \"" + parts[i] + "\" as visits");
        }
        cells[i] = (byte) cell;
        shares[i] = count;
        sum += count;
      }
      for (int i = 0; i < shares.length; i++) {
        shares[i] = (float) (shares[i] / sum);
      }
      return new Searched(cells, shares);
    }

    private static int count(String text) {
      boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
      return digits && !text.isEmpty() && text.length() <= 7 ? Integer.parseInt(text) : -1;
    }
  }
}
