package io.ringrift.workloads.hex;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Self-play of Hex. See `Arguments.USAGE`.
public final class SelfplayMain {
  static final int OK = 0;
  static final int NOT_WRITTEN = 1;
  static final int WRONG_USAGE = 2;

  private final Arguments run;
  private final PrintStream progress;
  private volatile boolean stopping;

  SelfplayMain(Arguments run, PrintStream progress) {
    this.run = run;
    this.progress = progress;
  }

  public static void main(String[] words) {
    PrintStream progress = System.err;
    Arguments run;
    try {
      run = Arguments.parse(List.of(words));
    } catch (UsageException e) {
      progress.println("hex-selfplay: " + e.getMessage());
      progress.print(Arguments.USAGE);
      System.exit(WRONG_USAGE);
      return;
    }
    var selfplay = new SelfplayMain(run, progress);
    var result = new Result();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> selfplay.endOrderly(result)));
    try {
      result.code = selfplay.play();
    } finally {
      result.known.countDown();
    }
    if (!selfplay.stopping) {
      System.exit(result.code);
    }
  }

  /// Asks for the end of the run; the game under way is finished first.
  void stop() {
    stopping = true;
  }

  /// Plays and publishes.
  ///
  /// @return the exit code, as if no signal had come
  int play() {
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
    } catch (IOException | SQLException e) {
      progress.printf(
          "hex-selfplay: cannot write games to %s (%s): %s%n",
          run.output(), GameFile.room(run.output()), e);
      return NOT_WRITTEN;
    }
  }

  private void report(int games, Path published) throws IOException {
    String ending = games < run.games() ? "stopped early, " : "";
    progress.printf(
        "%s%d of %d games in %s (%d bytes)%n",
        ending, games, run.games(), published, Files.size(published));
  }

  /// Runs when the process ends for whatever cause. After a signal the JVM exits with 128 plus its
  /// number by itself, unless the games could not be written.
  private void endOrderly(Result result) {
    stop();
    try {
      result.known.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (result.code == NOT_WRITTEN) {
      Runtime.getRuntime().halt(NOT_WRITTEN);
    }
  }

  /// The exit code, handed from the playing thread to the shutdown hook.
  private static final class Result {
    private final CountDownLatch known = new CountDownLatch(1);
    private volatile int code = NOT_WRITTEN;
  }
}
