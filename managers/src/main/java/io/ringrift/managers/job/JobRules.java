package io.ringrift.managers.job;

import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Boards;
import io.ringrift.managers.EngineModes;
import java.util.regex.Pattern;

/// What a job has to keep to before it may enter the log (SPEC 1.1, 1.2).
final class JobRules {
  private static final int MOST_GAMES = 1_000_000;
  private static final int MOST_PARAMS = 64;
  private static final int LONGEST_TEXT = 4096;
  private static final long LONGEST_TIMEOUT_SECONDS = 30L * 24 * 3600;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private JobRules() {}

  static void board(String board) {
    if (!Boards.known(board)) {
      throw Refusal.invalid("board_type", board, Boards.rule());
    }
  }

  static void players(int players) {
    if (players < 2 || players > 4) {
      throw Refusal.invalid("num_players", Integer.toString(players), "2 to 4");
    }
  }

  static void games(int games) {
    if (games < 1 || games > MOST_GAMES) {
      throw Refusal.invalid("num_games", Integer.toString(games), "1 to 1000000");
    }
  }

  static void mode(String mode) {
    if (!EngineModes.known(mode)) {
      throw Refusal.invalid("engine_mode", mode, EngineModes.rule());
    }
  }

  /// Checks what is given; what is left open is the template's business.
  static void check(JobSpec spec) {
    if (!spec.getBoardType().isEmpty()) {
      board(spec.getBoardType());
    }
    if (spec.getNumPlayers() != 0) {
      players(spec.getNumPlayers());
    }
    if (spec.getNumGames() != 0) {
      games(spec.getNumGames());
    }
    if (!spec.getEngineMode().isEmpty()) {
      mode(spec.getEngineMode());
    }
    if (!spec.getJobType().isEmpty() && !PLAIN.matcher(spec.getJobType()).matches()) {
      throw Refusal.invalid("job_type", spec.getJobType(), "1 to 64 of A-Z a-z 0-9 _ . -");
    }
    resources(spec);
    texts(spec);
    InputRules.check(spec.getInputsList());
  }

  private static void resources(JobSpec spec) {
    between("gpus", spec.getGpus(), 64);
    between("cpus", spec.getCpus(), 4096);
    between("memory_bytes", spec.getMemoryBytes(), 1L << 50);
    if (spec.hasTimeout()) {
      long seconds = spec.getTimeout().getSeconds();
      boolean positive = seconds > 0 || (seconds == 0 && spec.getTimeout().getNanos() > 0);
      if (!positive || seconds > LONGEST_TIMEOUT_SECONDS) {
        throw Refusal.invalid("timeout", seconds + " s", "above 0 and at most 30 days");
      }
    }
  }

  private static void between(String field, long value, long most) {
    if (value < 0 || value > most) {
      throw Refusal.invalid(field, Long.toString(value), "0 to " + most);
    }
  }

  private static void texts(JobSpec spec) {
    if (!spec.getTargetNodeId().isEmpty()) {
      var _ = new NodeId(spec.getTargetNodeId());
    }
    spec.getExcludedNodeIdsList().forEach(NodeId::new);
    if (spec.getParamsCount() > MOST_PARAMS) {
      throw Refusal.invalid(
          "params", spec.getParamsCount() + " entries", "at most " + MOST_PARAMS + " entries");
    }
    spec.getParamsMap()
        .forEach(
            (name, value) -> {
              if (!PLAIN.matcher(name).matches()) {
                throw Refusal.invalid("params", name, "names of 1 to 64 of A-Z a-z 0-9 _ . -");
              }
              if (value.length() > LONGEST_TEXT || value.indexOf('\0') >= 0) {
                throw Refusal.invalid("params." + name, value, "at most 4096 characters, no NUL");
              }
            });
    int exec = spec.getExecArgvList().stream().mapToInt(String::length).sum();
    if (exec > 16 * LONGEST_TEXT) {
      throw Refusal.invalid("exec_argv", exec + " characters", "at most 65536 characters");
    }
  }
}
