package io.ringrift.workloads.hex;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The command line of training, checked.
///
/// @param data folder with game files, read when no list names some
/// @param files list of game files; each has to be there
/// @param root folder where the paths in the list begin
/// @param checkpoints folder and beginning of the names of checkpoints
/// @param parent model whose weights are the beginning
/// @param trained whether the parent is a file; if not, it is the untrained network of the seed
/// @param window most games, the newest ones
/// @param fewest fewest games to learn from
record TrainArguments(
    Grid grid,
    Path data,
    Optional<Path> files,
    Path root,
    int epochs,
    Recipe recipe,
    Path modelOut,
    Path checkpoints,
    Model parent,
    boolean trained,
    int window,
    int fewest) {
  static final String USAGE =
      """
      Learns a policy and value network for Hex from game files.

      usage: hex-train --board hex5 --data DIR --epochs N --seed S --model-out FILE
                       --checkpoint-prefix PREFIX [--files FILE] [--players 2] [--batch N]
                       [--learning-rate X] [--l2 X] [--parent MODEL] [--window N]
                       [--min-games N] [--root DIR]

        --board          hex5 to hex11
        --data           folder; every *.db below it that holds games of the board is read
        --files          text file with paths below --root, a line each; when it names *.db files,
                         exactly these are read, the first ones first, instead of --data;
                         a missing one is an error; other lines are left to others
        --epochs         1 to 10000 rounds through the games
        --batch          1 to 65536 positions for a step; 64 when left out
        --learning-rate  a number above 0; 0.001 when left out
        --l2             weight decay, 0 to 1; 0.0001 when left out
        --seed           whole number of 64 bits; the same seed and games make the same model
        --model-out      file for the model, written once and whole
        --checkpoint-prefix
                         PREFIX_e0003.checkpoint gets the state after epoch 3, and so on; files
                         never change; a training goes on from its own highest one, keeps the
                         last two and removes them when the model is there
        --parent         model to begin with; the untrained one of the seed when left out or empty
        --window         1 to 1000000 newest games; 20000 when left out
        --min-games      1 to 1000000; fewer games are refused; 10 when left out
        --root           folder where relative paths begin; the working directory when left out

      stdout: a JSON line for each epoch and one for the model
      exit codes: 0 the model is there; 1 something could not be read or written; 2 wrong usage;
                  3 a loss or weight was not finite, no model; 4 too few games;
                  143 stopped by SIGTERM, the checkpoint of the last whole epoch is there
      """;

  private static final Set<String> REQUIRED =
      Set.of("--board", "--data", "--epochs", "--seed", "--model-out", "--checkpoint-prefix");
  private static final Set<String> OPTIONAL =
      Set.of(
          "--files",
          "--players",
          "--batch",
          "--learning-rate",
          "--l2",
          "--parent",
          "--window",
          "--min-games",
          "--root");

  static TrainArguments parse(List<String> words) throws UsageException {
    var options = Options.read(words, REQUIRED, OPTIONAL);
    Grid grid = options.grid();
    long seed = options.seed();
    var parent = options.given("--parent");
    double rate =
        Options.fraction(
            "--learning-rate",
            options.text("--learning-rate", "0.001"),
            x -> (float) x > 0 && Float.isFinite((float) x),
            "a finite number above 0");
    String decay = options.text("--l2", Double.toString(Recipe.DEFAULT_DECAY));
    return new TrainArguments(
        grid,
        options.path("--data", "a folder"),
        options.given("--files").isPresent()
            ? Optional.of(options.path("--files", "a text file"))
            : Optional.empty(),
        options.root(),
        options.whole("--epochs", 0, 1, 10_000),
        new Recipe(
            seed,
            options.whole("--batch", 64, 1, 65_536),
            (float) rate,
            (float) Options.fraction("--l2", decay, x -> x >= 0 && x <= 1, "0 to 1")),
        options.path("--model-out", "a file"),
        options.path("--checkpoint-prefix", "a folder and the beginning of a name"),
        parent.isPresent()
            ? options.model("--parent", parent.get(), grid)
            : Model.untrained(grid, seed),
        parent.isPresent(),
        options.whole("--window", 20_000, 1, 1_000_000),
        options.whole("--min-games", 10, 1, 1_000_000));
  }
}
