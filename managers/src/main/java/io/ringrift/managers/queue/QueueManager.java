package io.ringrift.managers.queue;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
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
import org.jspecify.annotations.Nullable;

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

  // Used by the loop's thread only.
  private @Nullable Moment idleSince;
  private boolean stallTold;

  public QueueManager(
      Consensus consensus,
      Membership membership,
      Services services,
      QueueConfig config,
      Ticker ticker) {
    var hint = new LeaderHint(consensus, membership);
    this.config = config;
    this.ticker = ticker;
    this.state = new StateClient(services, hint);
    this.desk = new ClaimDesk(services, config.mostWaiters());
    var explanation = new WorkExplanation(state, services);
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
                    "stall_events_emitted", stallEvents.get())));
  }

  private void maintain(Optional<Epoch> epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    var result =
        state.applyFenced(
            epoch.get(),
            Command.newBuilder()
                .setMaintainQueue(
                    MaintainQueue.newBuilder().setKeepEndedMillis(config.keepEnded().toMillis())));
    timeouts.addAndGet(result.getItemsCount());
    cleaned.addAndGet(result.getDropped());
    noticeStall(epoch.get());
  }

  /// Pending work of which nobody holds any for a while is told once, until somebody does.
  private void noticeStall(Epoch epoch) {
    var work = state.counts().getWorkMap();
    int held = work.getOrDefault("CLAIMED", 0) + work.getOrDefault("RUNNING", 0);
    int pending = work.getOrDefault("PENDING", 0);
    Moment now = ticker.now();
    if (held > 0 || pending == 0) {
      idleSince = null;
      stallTold = false;
      return;
    }
    Moment since = idleSince == null ? now : idleSince;
    idleSince = since;
    if (!stallTold && now.since(since).compareTo(config.stallAfter()) >= 0) {
      stalls.incrementAndGet();
      state.applyFenced(
          epoch,
          Command.newBuilder()
              .setRecordEvent(
                  RecordEvent.newBuilder()
                      .setKind("WORK_QUEUE_STALLED")
                      .setSubject("queue")
                      .putAttributes("pending", Integer.toString(pending))));
      stallTold = true;
      stallEvents.incrementAndGet();
    }
  }

  @Override
  public String name() {
    return "QueueManager";
  }

  @Override
  public Health health() {
    return Health.running(
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
