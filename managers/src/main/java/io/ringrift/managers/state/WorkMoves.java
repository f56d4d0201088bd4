package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.CommandResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The one way in which a work item changes its state, with its event and with the events of
/// back-pressure.
@Pure
final class WorkMoves {
  private final WorkTable work;
  private final StateClock clock;
  private final EventRing events;

  WorkMoves(WorkTable work, StateClock clock, EventRing events) {
    this.work = work;
    this.clock = clock;
    this.events = events;
  }

  /// Decides a change of state by the table; the change is made when the decision is run.
  Decision move(WorkItem item, WorkState to, String kind, UnaryOperator<WorkItem.Builder> change) {
    if (!WorkLifecycle.allows(item.getState(), to)) {
      return illegal(item, to);
    }
    return new Decision.Change(() -> result(moved(item, to, kind, change)));
  }

  private WorkItem moved(
      WorkItem item, WorkState to, String kind, UnaryOperator<WorkItem.Builder> change) {
    var builder = change.apply(item.toBuilder()).setState(to);
    if (WorkLifecycle.ended(to)) {
      builder
          .setEndTime(clock.wallTime())
          .setEndLedgerMillis(clock.ledgerMillis())
          .clearLeaseEndLedgerMillis()
          .clearAttemptEndLedgerMillis();
    }
    var moved = builder.build();
    work.put(moved);
    event(kind, moved);
    noteDepth(clock.queueSoftLimit());
    return moved;
  }

  /// Ends the attempt of an item whose lease or time is over: the last one is a TIMEOUT, another
  /// goes back to the queue and its token dies.
  WorkItem endOverdue(WorkItem item) {
    boolean attempt = item.getAttemptEndLedgerMillis() <= clock.ledgerMillis();
    String error =
        (attempt ? "timeout of attempt " : "lease of attempt ")
            + item.getAttempts()
            + " on "
            + item.getClaimedBy()
            + " ran out";
    return item.getAttempts() >= mostAttempts(item)
        ? moved(item, WorkState.WORK_STATE_TIMEOUT, "WORK_TIMEOUT", b -> b.setError(error))
        : moved(
            item, WorkState.WORK_STATE_PENDING, "WORK_RETRY", b -> unclaimed(b).setError(error));
  }

  /// BACKPRESSURE_ACTIVATED when the queue reaches its soft limit, RELEASED when it is down to four
  /// fifths of it (SPEC 7.3).
  void noteDepth(int softLimit) {
    if (softLimit <= 0) {
      return;
    }
    int depth = work.pending();
    boolean active = clock.backpressure() ? depth > softLimit * 4L / 5 : depth >= softLimit;
    if (active != clock.backpressure()) {
      events.add(
          active ? "BACKPRESSURE_ACTIVATED" : "BACKPRESSURE_RELEASED",
          "queue",
          Map.of("depth", Integer.toString(depth), "limit", Integer.toString(softLimit)));
    }
    clock.backpressure(active, softLimit);
  }

  void event(String kind, WorkItem item) {
    var attributes = new LinkedHashMap<String, String>();
    attributes.put("work_id", item.getWorkId());
    attributes.put("work_type", item.getSpec().getWorkType());
    attributes.put("node_id", item.getClaimedBy());
    attributes.put("attempts", Integer.toString(item.getAttempts()));
    if (!item.getError().isEmpty()) {
      attributes.put("error", cut(item.getError(), 300));
    }
    events.add(kind, item.getWorkId(), attributes);
  }

  static int mostAttempts(WorkItem item) {
    int most = item.getSpec().getMaxAttempts();
    return most <= 0 ? 3 : most;
  }

  /// Without a holder; the token that was given out no longer counts.
  static WorkItem.Builder unclaimed(WorkItem.Builder item) {
    return item.clearClaimedBy()
        .clearClaimToken()
        .clearClaimEpoch()
        .clearClaimTime()
        .clearStartTime()
        .clearLeaseEndLedgerMillis()
        .clearAttemptEndLedgerMillis();
  }

  static CommandResult result(WorkItem item) {
    return CommandResult.newBuilder().addItems(item).build();
  }

  static Decision notFound(String workId) {
    return Decision.refused(
        Reason.WORK_NOT_FOUND,
        "no work item \"" + cut(workId, 100) + "\"; `queue list` shows those there are");
  }

  static Decision illegal(WorkItem item, WorkState to) {
    return Decision.refused(
        Reason.ILLEGAL_TRANSITION,
        "work item "
            + item.getWorkId()
            + " is "
            + WorkLifecycle.name(item.getState())
            + " and cannot become "
            + WorkLifecycle.name(to));
  }

  static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
