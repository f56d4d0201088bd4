package io.ringrift.workloads.hex;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// The positions of games as arrays, a row a position in the order of games and moves.
final class Positions {
  private final Grid grid;
  private final Dataset data;

  private Positions(Grid grid, Dataset data) {
    this.grid = grid;
    this.data = data;
  }

  /// One position of a game, before the move `ply` is made.
  private interface Row {
    void write(DataOutputStream out, int game, int ply, byte[] stones) throws IOException;
  }

  /// Writes the whole file; see `ExportArguments.USAGE` for what is in it.
  static void write(OutputStream out, Grid grid, Dataset data) throws IOException {
    var all = new Positions(grid, data);
    String rows = "(" + data.positions() + ",)";
    String cells = "(" + data.positions() + ", " + grid.cells() + ")";
    var file = new NpzFile(out);
    file.put("boards", "|i1", cells, o -> all.each(o, all::board));
    file.put("to_move", "|i1", rows, o -> all.each(o, (to, _, ply, _) -> to.write(1 + ply % 2)));
    file.put("policy", ">f4", cells, o -> all.each(o, all::policy));
    file.put("searched", "|b1", rows, o -> all.each(o, all::searched));
    file.put("value", "|i1", rows, o -> all.each(o, all::value));
    file.put("game", ">i4", rows, o -> all.each(o, (to, game, _, _) -> to.writeInt(game)));
    file.finish();
  }

  private void each(DataOutputStream out, Row row) throws IOException {
    for (int game = 0; game < data.games().size(); game++) {
      byte[] moves = data.games().get(game).moves();
      byte[] stones = new byte[grid.cells()];
      for (int ply = 0; ply < moves.length; ply++) {
        row.write(out, game, ply, stones);
        stones[moves[ply]] = (byte) (1 + ply % 2);
      }
    }
  }

  /// 1 where the side to move has a stone, -1 where the other has one.
  private void board(DataOutputStream out, int game, int ply, byte[] stones) throws IOException {
    byte[] seen = new byte[stones.length];
    for (int cell = 0; cell < stones.length; cell++) {
      seen[cell] = (byte) (stones[cell] == 0 ? 0 : stones[cell] == 1 + ply % 2 ? 1 : -1);
    }
    out.write(seen);
  }

  private void policy(DataOutputStream out, int game, int ply, byte[] stones) throws IOException {
    float[] shares = new float[stones.length];
    var searched = data.games().get(game).searched().get(ply);
    if (searched != null) {
      for (int i = 0; i < searched.cells().length; i++) {
        shares[searched.cells()[i]] = searched.shares()[i];
      }
    }
    for (float share : shares) {
      out.writeFloat(share);
    }
  }

  private void searched(DataOutputStream out, int game, int ply, byte[] stones) throws IOException {
    out.writeBoolean(data.games().get(game).searched().get(ply) != null);
  }

  private void value(DataOutputStream out, int game, int ply, byte[] stones) throws IOException {
    out.write(data.games().get(game).winner().number() == 1 + ply % 2 ? 1 : -1);
  }
}
