package io.ringrift.managers.selfplay;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.common.v1.ReadMeta;
import io.ringrift.managers.Services;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.ListWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// The queue as self-play sees it: by RPC at this node. Blocks; safe for any thread.
final class QueueSight {
  private static final long DEADLINE_SECONDS = 10;
  private static final int PAGE = 1000;
  private static final int MOST_PAGES = 20;

  private final Services services;

  QueueSight(Services services) {
    this.services = services;
  }

  QueueServiceBlockingStub stub() {
    return QueueServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /// @param waiting items that wait
  /// @param stranded those of them that no node that is there may claim
  /// @param hardLimit the queue holds no more; 0 when it does not say
  record Depth(int waiting, int stranded, int hardLimit) {
    /// Places that are to be filled; none from the least depth on. What is stranded leaves its
    /// place to others, but all together are at most twice the target.
    int room(SelfplayConfig.Depths depths) {
      int ready = Math.max(0, waiting - stranded);
      if (ready >= depths.least()) {
        return 0;
      }
      long most = 2L * depths.target();
      long bound = hardLimit > 0 ? Math.min(most, hardLimit) : most;
      return (int) Math.max(0, Math.min(depths.target() - ready, bound - waiting));
    }
  }

  /// @param enough from so many waiting items on it does not matter which are stranded
  Depth depth(int enough, Predicate<WorkSpec> stranded) {
    var stats = stub().getQueueStats(GetQueueStatsRequest.getDefaultInstance());
    var count = new AtomicInteger();
    if (stats.getPending() < enough) {
      var waiting = ListWorkRequest.newBuilder().addStates(WorkState.WORK_STATE_PENDING);
      each(waiting, item -> count.addAndGet(stranded.test(item.getSpec()) ? 1 : 0));
    }
    return new Depth(stats.getPending(), count.get(), stats.getHardLimit());
  }

  /// Games of self-play that wait or are played, by configuration.
  Map<ConfigKey, Long> gamesOnTheWay() {
    var games = new HashMap<ConfigKey, Long>();
    var request =
        ListWorkRequest.newBuilder()
            .addStates(WorkState.WORK_STATE_PENDING)
            .addStates(WorkState.WORK_STATE_CLAIMED)
            .addStates(WorkState.WORK_STATE_RUNNING);
    each(
        request,
        item -> {
          if (selfplay(item)) {
            games.merge(config(item), (long) item.getSpec().getJob().getNumGames(), Long::sum);
          }
        });
    return games;
  }

  /// Whether any self-play waits.
  boolean selfplayWaits() {
    var found = new AtomicInteger();
    var waiting = ListWorkRequest.newBuilder().addStates(WorkState.WORK_STATE_PENDING);
    each(waiting, item -> found.addAndGet(item.getSpec().getWorkType().equals("selfplay") ? 1 : 0));
    return found.get() > 0;
  }

  int waitingBesideSelfplay() {
    var count = new AtomicInteger();
    var waiting = ListWorkRequest.newBuilder().addStates(WorkState.WORK_STATE_PENDING);
    each(waiting, item -> count.addAndGet(item.getSpec().getWorkType().equals("selfplay") ? 0 : 1));
    return count.get();
  }

  private void each(ListWorkRequest.Builder request, Consumer<WorkItem> taker) {
    request.setPageSize(PAGE);
    for (int page = 0; page < MOST_PAGES; page++) {
      var answer = stub().listWork(request.build());
      answer.getItemsList().forEach(taker);
      if (answer.getNextPageToken().isEmpty()) {
        return;
      }
      request.setPageToken(answer.getNextPageToken());
    }
  }

  /// @param diversity of the newest self-play items
  /// @param meta how fresh the answer is
  record Recent(Diversity diversity, ReadMeta meta) {}

  Recent recent(ReadConsistency level) {
    var selections = new ArrayList<Diversity.Selection>();
    var request = ListWorkRequest.newBuilder().setPageSize(PAGE).setReadConsistency(level);
    ListWorkResponse answer = stub().listWork(request.build());
    for (int page = 1; more(selections, answer) && page < MOST_PAGES; page++) {
      answer = stub().listWork(request.setPageToken(answer.getNextPageToken()).build());
    }
    return new Recent(Diversity.of(selections), answer.getMeta());
  }

  /// Takes a page over; whether another one is wanted.
  private static boolean more(List<Diversity.Selection> selections, ListWorkResponse page) {
    page.getItemsList().stream()
        .filter(QueueSight::selfplay)
        .map(QueueSight::selection)
        .forEach(selections::add);
    return selections.size() < Diversity.WINDOW && !page.getNextPageToken().isEmpty();
  }

  private static boolean selfplay(WorkItem item) {
    return item.getSpec().getWorkType().equals("selfplay") && item.getSpec().hasJob();
  }

  private static ConfigKey config(WorkItem item) {
    var job = item.getSpec().getJob();
    return new ConfigKey(job.getBoardType(), job.getNumPlayers());
  }

  private static Diversity.Selection selection(WorkItem item) {
    var job = item.getSpec().getJob();
    return new Diversity.Selection(
        config(item).toString(),
        job.getEngineMode(),
        simulations(job.getParamsOrDefault("simulations", "")),
        job.getNumGames());
  }

  private static int simulations(String text) {
    return text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : 0;
  }
}
