package io.ringrift.managers.watch;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.managers.EngineModes;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadMatchesRequest;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// How learning goes on, board by board, from the newest matches, the runs of the learning ledger
/// and training jobs. One thread.
final class LearningProgress {
  private static final int NEWEST = 200;
  private static final int MOST_BOARDS = 16;

  /// More than the ledger keeps runs of, so that a board that stands still is not the one to go.
  private static final int MOST_TRAINED = 64;

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Office office;

  /// When each board's training last ended, in ledger time; the board longest without one goes.
  private final LinkedHashMap<String, Long> trained = new LinkedHashMap<>();

  /// A training that ended, in ledger time.
  private record End(String board, long ledgerMillis) {}

  LearningProgress(Office office) {
    this.office = office;
  }

  /// Elo of the best network by board.
  Map<String, Double> elo() {
    var request = ReadMatchesRequest.newBuilder().setRatedOnly(true).setLimit(NEWEST).build();
    List<String> boards =
        Office.asked(() -> office.state().readMatches(request)).getMatchesList().stream()
            .map(Match::getConfigKey)
            .distinct()
            .limit(MOST_BOARDS)
            .toList();
    var best = new TreeMap<String, Double>();
    for (String board : boards) {
      Office.asked(
              () ->
                  RatingServiceGrpc.newBlockingStub(office.services().local())
                      .withDeadlineAfter(DEADLINE)
                      .getLadder(GetLadderRequest.newBuilder().setConfigKey(board).build()))
          .getRungsList()
          .stream()
          .filter(rung -> EngineModes.learns(rung.getParticipant()))
          .mapToDouble(Rung::getElo)
          .max()
          .ifPresent(elo -> best.put(board, elo));
    }
    return best;
  }

  /// Time since the last finished training by board; boards in training are left out. A training is
  /// a run of the learning ledger, whose processes are queue items, or a job of that type.
  Map<String, Duration> sinceTraining(long ledgerMillis) {
    var runs =
        Office.asked(() -> office.state().readLearning(ReadLearningRequest.getDefaultInstance()))
            .getRunsList();
    Stream.concat(endedRuns(runs), endedJobs())
        .sorted(Comparator.comparingLong(End::ledgerMillis))
        .forEach(this::remember);
    var since = new HashMap<String, Duration>();
    trained.forEach(
        (board, end) -> since.put(board, Duration.ofMillis(Math.max(0, ledgerMillis - end))));
    runs.stream()
        .filter(run -> run.getState() == TrainingState.TRAINING_STATE_RUNNING)
        .forEach(run -> since.remove(run.getConfigKey()));
    var running = ReadJobsRequest.newBuilder().addStates(JobState.JOB_STATE_RUNNING);
    office.jobs(running.setLimit(NEWEST)).stream()
        .filter(LearningProgress::training)
        .forEach(job -> since.remove(board(job)));
    return since;
  }

  /// A run that failed has brought nothing.
  private static Stream<End> endedRuns(List<TrainingRun> runs) {
    return runs.stream()
        .filter(run -> run.getState() == TrainingState.TRAINING_STATE_COMPLETE)
        .map(run -> new End(run.getConfigKey(), run.getEndLedgerMillis()));
  }

  private Stream<End> endedJobs() {
    var ended = ReadJobsRequest.newBuilder().addStates(JobState.JOB_STATE_COMPLETE);
    return office.jobs(ended.addStates(JobState.JOB_STATE_PROMOTED).setLimit(NEWEST)).stream()
        .filter(LearningProgress::training)
        .map(job -> new End(board(job), job.getEndLedgerMillis()));
  }

  private void remember(End end) {
    long newest = Math.max(end.ledgerMillis(), trained.getOrDefault(end.board(), 0L));
    trained.remove(end.board());
    trained.put(end.board(), newest);
    if (trained.size() > MOST_TRAINED) {
      trained.pollFirstEntry();
    }
  }

  private static boolean training(Job job) {
    return job.getSpec().getJobType().contains("training");
  }

  private static String board(Job job) {
    return job.getSpec().getBoardType() + "_" + job.getSpec().getNumPlayers() + "p";
  }
}
