package io.ringrift.workloads.hex;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/// Self-play of Hex. See `Arguments.USAGE`.
public final class SelfplayMain implements Program {
  private final Arguments run;
  private final PrintStream progress;
  private volatile boolean stopping;

  SelfplayMain(Arguments run, PrintStream progress) {
    this.run = run;
    this.progress = progress;
  }

  public static void main(String[] words) {
    Arguments run;
    try {
      run = Arguments.parse(List.of(words));
    } catch (UsageException e) {
      Program.refuse("hex-selfplay", e, Arguments.USAGE);
      return;
    }
    Program.runToExit(new SelfplayMain(run, System.err));
  }

  /// The game under way is finished first.
  @Override
  public void stop() {
    stopping = true;
  }

  /// Plays and publishes.
  @Override
  public int run() {
    try (var file = GameFile.begin(run)) {
      Engine engine = run.engine();
      while (file.games() < run.games() && !stopping) {
        int number = file.games() + 1;
        long seed = Game.seedOf(run.seed(), number);
        var game = Game.play(run.grid(), engine, engine, seed, run.openingMoves());
        file.add(game);
        progress.printf(
            "game %d/%d winner %d moves %d%n",
            number, run.games(), game.winner().number(), game.moves().size());
      }
      if (file.games() == 0) {
        progress.println("stopped before the first game; nothing was written");
        return OK;
      }
      report(file.games(), file.publish());
      return OK;
    } catch (IllegalStateException e) {
      progress.println("hex-selfplay: engine " + run.mode() + " failed: " + e.getMessage());
      return FAILED;
    } catch (IOException | SQLException e) {
      progress.printf(
          "hex-selfplay: cannot write games to %s (%s): %s%n",
          run.output(), GameFile.room(run.output()), e);
      return FAILED;
    }
  }

  private void report(int games, Path published) throws IOException {
    String ending = games < run.games() ? "stopped early, " : "";
    progress.printf(
        "%s%d of %d games in %s (%d bytes)%n",
        ending, games, run.games(), published, Files.size(published));
  }
}
