package io.ringrift.node;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where the state is, as the file `engine` of the state folder tells it.
///
/// @param engine whose log: `bully` or `raft`; empty in a new folder
/// @param life how often the state moved to another log
/// @param step what a move has still to do
/// @param from the life that the log at hand may still be of, in the step LEAVING
record LifeMark(String engine, int life, Step step, OptionalInt from) {
  private static final String FILE = "engine";
  private static final Pattern FORM =
      Pattern.compile(
          "(bully|raft) ([0-9]{1,6})(?: (leaving|entering|empty|retiring))?(?: ([0-9]{1,6}))?");

  /// A move, step by step; each may be done again after a crash.
  enum Step {
    /// The log at hand is of the life `from` and goes away.
    LEAVING,
    /// What there is of the life's own log comes back.
    ENTERING,
    /// Every log goes: a newcomer among the voters begins with none.
    EMPTY,
    /// Nothing is left to do.
    SETTLED
  }

  static LifeMark settled(String engine, int life) {
    return new LifeMark(engine, life, Step.SETTLED, OptionalInt.empty());
  }

  /// @return the mark of the life `to`, before anything was moved
  LifeMark leavingFor(String wanted, int to) {
    return new LifeMark(wanted, to, Step.LEAVING, OptionalInt.of(life));
  }

  LifeMark at(Step next) {
    return new LifeMark(engine, life, next, OptionalInt.empty());
  }

  /// @return empty in a folder without a mark
  /// @throws Refusal STORAGE_CORRUPT
  static LifeMark read(Path stateFolder) throws IOException {
    Path file = stateFolder.resolve(FILE);
    if (!Files.exists(file)) {
      return settled("", 0);
    }
    Matcher form = FORM.matcher(Files.readString(file).strip());
    boolean leaves = form.matches() && "leaving".equals(form.group(3));
    if (!form.matches() || leaves == (form.group(4) == null)) {
      throw new Refusal(
          Reason.STORAGE_CORRUPT,
          file
              + " is not \"bully N\" or \"raft N\"; move everything out of the folder, and copy"
              + " this file of another voter into it");
    }
    return new LifeMark(
        form.group(1),
        Integer.parseInt(form.group(2)),
        step(form.group(3)),
        leaves ? OptionalInt.of(Integer.parseInt(form.group(4))) : OptionalInt.empty());
  }

  /// Builds before the way back wrote `retiring` where everything at hand goes.
  private static Step step(@Nullable String word) {
    if (word == null) {
      return Step.SETTLED;
    }
    return word.equals("retiring") ? Step.EMPTY : Step.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /// Durable when this returns.
  LifeMark write(Path stateFolder) throws IOException {
    String words = step == Step.SETTLED ? "" : " " + step.name().toLowerCase(Locale.ROOT);
    String of = from.isPresent() ? " " + from.getAsInt() : "";
    DurableFiles.write(stateFolder.resolve(FILE), engine + " " + life + words + of + "\n");
    return this;
  }
}
