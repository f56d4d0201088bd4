package io.ringrift.managers.watch;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.state.v1.ReadJobsRequest;
import io.ringrift.state.v1.ReadMatchesRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How learning goes on, board by board, from the newest matches and training jobs. One thread.
final class LearningProgress {
  private static final int NEWEST = 200;
  private static final int MOST_BOARDS = 16;
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Office office;

  /// When each board's training last ended, in ledger time; the board longest without one goes.
  private final LinkedHashMap<String, Long> trained = new LinkedHashMap<>();

  LearningProgress(Office office) {
    this.office = office;
  }

  /// Elo of the best participant by board.
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
          .mapToDouble(Rung::getElo)
          .max()
          .ifPresent(elo -> best.put(board, elo));
    }
    return best;
  }

  /// Time since the last finished training by board; boards in training are left out.
  Map<String, Duration> sinceTraining(long ledgerMillis) {
    var ended = ReadJobsRequest.newBuilder().addStates(JobState.JOB_STATE_COMPLETE);
    office.jobs(ended.addStates(JobState.JOB_STATE_PROMOTED).setLimit(NEWEST)).reversed().stream()
        .filter(LearningProgress::training)
        .forEach(job -> remember(board(job), job.getEndLedgerMillis()));
    var since = new HashMap<String, Duration>();
    trained.forEach(
        (board, end) -> since.put(board, Duration.ofMillis(Math.max(0, ledgerMillis - end))));
    var running = ReadJobsRequest.newBuilder().addStates(JobState.JOB_STATE_RUNNING);
    office.jobs(running.setLimit(NEWEST)).stream()
        .filter(LearningProgress::training)
        .forEach(job -> since.remove(board(job)));
    return since;
  }

  private void remember(String board, long end) {
    long newest = Math.max(end, trained.getOrDefault(board, 0L));
    trained.remove(board);
    trained.put(board, newest);
    if (trained.size() > MOST_BOARDS) {
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
