package io.ringrift.workloads.hex;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The checkpoints of one training: a file an epoch, `PREFIX_e0003.checkpoint` after the third,
/// which never changes, so that data sync may copy it and another machine may go on from it. Only a
/// training's own files are read and removed.
///
/// @param prefix folder and beginning of the names
/// @param origin what a checkpoint has to belong to
/// @param told takes a line for what is not used
record Checkpoints(Path prefix, Checkpoint.Origin origin, Shape shape, Consumer<String> told) {
  private static final String ENDING = ".checkpoint";
  private static final Pattern EPOCH = Pattern.compile("_e(\\d{4,9})" + Pattern.quote(ENDING));

  /// Older own ones are removed.
  private static final int KEPT = 2;

  Path file(int epoch) {
    return prefix.resolveSibling(prefix.getFileName() + "_e%04d".formatted(epoch) + ENDING);
  }

  /// Where to go on: the highest epoch that is whole and of this training.
  ///
  /// @param fresh the state when there is none
  /// @param most later epochs are another run's business
  Checkpoint latest(Checkpoint fresh, int most) throws IOException {
    var files = files();
    for (var entry : files.headMap(most, true).descendingMap().entrySet()) {
      try {
        var found = read(entry.getKey(), entry.getValue());
        told.accept("goes on after epoch " + found.epochs() + " of " + entry.getValue());
        return found;
      } catch (BadFileException e) {
        told.accept("not used: " + e.getMessage());
      }
    }
    if (!files.isEmpty()) {
      told.accept(
          "begins anew: no checkpoint " + prefix + "_e… up to epoch " + most + " is its own");
    }
    return fresh;
  }

  /// Writes the state after an epoch and removes those before the last ones. A whole file that
  /// stands under the name already is kept whatever it is; a damaged one is replaced.
  void keep(Checkpoint state) throws IOException {
    Path file = file(state.epochs());
    byte[] bytes = state.bytes(origin);
    if (!Files.exists(file) || !Sealed.whole(file)) {
      WholeFile.replace(file, bytes);
    } else if (!Arrays.equals(Files.readAllBytes(file), bytes)) {
      told.accept(
          "no checkpoint of epoch " + state.epochs() + ": " + file + " is of another training");
    }
    remove(state.epochs() - KEPT);
  }

  /// Removes this training's own files.
  void removeAll() throws IOException {
    remove(Integer.MAX_VALUE);
  }

  private void remove(int last) throws IOException {
    for (var entry : files().headMap(last, true).entrySet()) {
      if (own(entry.getKey(), entry.getValue())) {
        Files.deleteIfExists(entry.getValue());
      }
    }
  }

  private boolean own(int epoch, Path file) {
    try {
      return read(epoch, file).epochs() == epoch;
    } catch (BadFileException e) {
      // Another's, or damaged: for a person to look at.
      return false;
    }
  }

  private Checkpoint read(int epoch, Path file) throws BadFileException {
    var found = Checkpoint.read(file, origin, shape);
    if (found.epochs() != epoch) {
      throw new BadFileException(file + " is of epoch " + found.epochs());
    }
    return found;
  }

  private NavigableMap<Integer, Path> files() throws IOException {
    var files = new TreeMap<Integer, Path>();
    Path folder = prefix.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return files;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        var epoch = epoch(String.valueOf(file.getFileName()));
        if (epoch.isPresent()) {
          files.put(epoch.getAsInt(), file);
        }
      }
    }
    return files;
  }

  private OptionalInt epoch(String name) {
    String stem = String.valueOf(prefix.getFileName());
    var rest = EPOCH.matcher(name.startsWith(stem) ? name.substring(stem.length()) : "");
    return rest.matches() ? OptionalInt.of(Integer.parseInt(rest.group(1))) : OptionalInt.empty();
  }
}
