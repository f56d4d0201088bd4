package io.ringrift.managers.queue;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.ErrorsInARow;
import io.ringrift.managers.Health;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.state.v1.RecordEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// The work queue: QueueService on every node, and on the leader the loop that ends overdue claims,
/// forgets old items and notices a stall (SPEC 6, work_queue_maintenance).
public final class QueueManager implements Manager {
  private final StateClient state;
  private final ClaimDesk desk;
  private final QueueRpc rpc;
  private final QueueConfig config;
  private final Ticker ticker;
  private final AtomicLong timeouts = new AtomicLong();
  private final AtomicLong cleaned = new AtomicLong();
  private final AtomicLong stalls = new AtomicLong();
  private final AtomicLong stallEvents = new AtomicLong();

  private final AtomicLong recoveries = new AtomicLong();
  private final ErrorsInARow errors;

  /// Used by the loop's thread only.
  private final StallWatch stall;

  /// @param trainings asked anew for every decision
  public QueueManager(
      Consensus consensus,
      Membership membership,
      Services services,
      QueueConfig config,
      Supplier<TrainingTerms> trainings,
      Ticker ticker) {
    var hint = new LeaderHint(consensus, membership);
    this.config = config;
    this.ticker = ticker;
    this.errors = new ErrorsInARow(ticker);
    this.stall = new StallWatch(config.stallAfter());
    this.state = new StateClient(services, hint);
    var ranking = new WorkRanking(services, trainings);
    var turns = new TrainingTurns(state, ranking, trainings, ticker);
    var games = new SelfplayTurns(services, state, ticker);
    this.desk = new ClaimDesk(services, turns, games, config.mostWaiters());
    var explanation = new WorkExplanation(state, ranking, turns, games, hint);
    this.rpc = new QueueRpc(state, hint, desk, explanation, new JobChecks(services), config);
  }

  @Override
  public List<BindableService> services() {
    return List.of(rpc);
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        new LoopSpec(
            "work_queue_maintenance",
            config.maintenance(),
            config.maintenance(),
            true,
            List.of(),
            this::maintain,
            () ->
                Map.of(
                    "timeouts_processed", timeouts.get(),
                    "items_cleaned", cleaned.get(),
                    "stall_detected", stalls.get(),
                    "stall_events_emitted", stallEvents.get(),
                    "stalls_recovered", recoveries.get())));
  }

  private void maintain(Optional<Epoch> epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    var command =
        Command.newBuilder()
            .setMaintainQueue(
                MaintainQueue.newBuilder().setKeepEndedMillis(config.keepEnded().toMillis()));
    var result = errors.count(() -> state.applyFenced(epoch.get(), command));
    timeouts.addAndGet(result.getItemsCount());
    cleaned.addAndGet(result.getDropped());
    noticeStall(epoch.get());
  }

  private void noticeStall(Epoch epoch) {
    var work = state.counts().getWorkMap();
    int held = work.getOrDefault("CLAIMED", 0) + work.getOrDefault("RUNNING", 0);
    int pending = work.getOrDefault("PENDING", 0);
    switch (stall.step(epoch, ticker.now(), pending, held)) {
      case NONE -> {}
      case STALLED -> {
        stalls.incrementAndGet();
        tell(epoch, "WORK_QUEUE_STALLED", pending);
        stallEvents.incrementAndGet();
      }
      case RECOVERED -> {
        recoveries.incrementAndGet();
        tell(epoch, "WORK_QUEUE_RECOVERED", pending);
      }
    }
  }

  private void tell(Epoch epoch, String kind, int pending) {
    state.applyFenced(
        epoch,
        Command.newBuilder()
            .setRecordEvent(
                RecordEvent.newBuilder()
                    .setKind(kind)
                    .setSubject("queue")
                    .putAttributes("pending", Integer.toString(pending))));
  }

  @Override
  public String name() {
    return "QueueManager";
  }

  @Override
  public Health health() {
    return errors.health(
        Map.of(
            "waiting_claims", Integer.toString(desk.waiting()),
            "timeouts_processed", Long.toString(timeouts.get()),
            "stall_detected", Long.toString(stalls.get())));
  }

  @Override
  public void close() {
    // Waiting claims end with their calls when the server stops.
  }
}
