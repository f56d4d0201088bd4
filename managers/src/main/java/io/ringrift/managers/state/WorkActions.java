package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.MaintainQueue;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// What commands of submitters and operators do to work items (SPEC 1.5).
@Pure
final class WorkActions {
  /// Pending items from which low priorities are refused, unless the leader stamps another limit.
  static final int SOFT_LIMIT = 500;

  /// Pending items from which everything is refused, unless the leader stamps another limit.
  static final int HARD_LIMIT = 1000;

  /// Most items of one command.
  static final int MOST_ITEMS = 100;

  private static final int SOFT_PRIORITY = 50;
  private static final int MOST_DEPENDENCIES = 100;

  private final WorkTable work;
  private final StateClock clock;
  private final WorkMoves moves;

  WorkActions(WorkTable work, StateClock clock, WorkMoves moves) {
    this.work = work;
    this.clock = clock;
    this.moves = moves;
  }

  Decision add(AddWork command) {
    int soft = command.getSoftLimit() > 0 ? command.getSoftLimit() : SOFT_LIMIT;
    int hard = command.getHardLimit() > 0 ? command.getHardLimit() : HARD_LIMIT;
    return faultOf(command)
        .or(() -> backpressure(command, soft, hard))
        .orElseGet(
            () ->
                new Decision.Change(
                    () -> {
                      var result = CommandResult.newBuilder();
                      for (int i = 0; i < command.getItemsCount(); i++) {
                        result.addItems(create(command.getWorkIds(i), command.getItems(i)));
                      }
                      moves.noteDepth(soft);
                      return result.build();
                    }));
  }

  private WorkItem create(String id, WorkSpec spec) {
    var item =
        WorkItem.newBuilder()
            .setWorkId(id)
            .setSpec(spec)
            .setState(WorkState.WORK_STATE_PENDING)
            .setCreateTime(clock.wallTime())
            .setCreateLedgerMillis(clock.ledgerMillis())
            .setSequence(clock.nextSequence())
            .build();
    work.put(item);
    moves.event("WORK_QUEUED", item);
    return item;
  }

  private Optional<Decision> faultOf(AddWork command) {
    int items = command.getItemsCount();
    if (items < 1 || items > MOST_ITEMS) {
      return Optional.of(
          Decision.invalid("items", Integer.toString(items), "1 to " + MOST_ITEMS + " items"));
    }
    if (command.getWorkIdsCount() != items) {
      return Optional.of(
          Decision.invalid("work_ids", command.getWorkIdsCount() + " ids", "one id for each item"));
    }
    var ids = new HashSet<String>();
    for (String id : command.getWorkIdsList()) {
      if (id.isEmpty() || id.length() > 64 || !ids.add(id) || work.get(id) != null) {
        return Optional.of(Decision.invalid("work_ids", id, "1 to 64 characters and not taken"));
      }
    }
    for (int i = 0; i < items; i++) {
      var fault = faultOf("items[" + i + "]", command.getItems(i));
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private Optional<Decision> faultOf(String field, WorkSpec spec) {
    if (spec.getSerializedSize() > Room.MOST_SPEC_BYTES) {
      return Optional.of(
          Decision.invalid(
              field,
              spec.getSerializedSize() + " bytes",
              "at most " + Room.MOST_SPEC_BYTES + " bytes"));
    }
    if (spec.getDependsOnCount() > MOST_DEPENDENCIES) {
      return Optional.of(
          Decision.invalid(
              field + ".depends_on",
              spec.getDependsOnCount() + " ids",
              "at most " + MOST_DEPENDENCIES + " ids"));
    }
    return spec.getDependsOnList().stream()
        .filter(id -> work.get(id) == null)
        .findFirst()
        .map(id -> Decision.invalid(field + ".depends_on", id, "the id of an item that exists"));
  }

  private Optional<Decision> backpressure(AddWork command, int soft, int hard) {
    int depth = work.pending() + command.getItemsCount();
    if (depth > hard) {
      return Optional.of(
          refusedByDepth("hard limit " + hard + "; wait until workers have caught up"));
    }
    boolean low =
        command.getItemsList().stream().anyMatch(s -> ReadyIndex.priority(s) < SOFT_PRIORITY);
    if (depth > soft && low && !command.getForce()) {
      return Optional.of(
          refusedByDepth(
              "soft limit "
                  + soft
                  + " for priorities below 50; wait, raise the priority, or use force"));
    }
    return Optional.empty();
  }

  private Decision refusedByDepth(String limit) {
    return Decision.refused(
        Reason.BACKPRESSURE,
        work.pending() + " items are pending and the queue is at its " + limit);
  }

  Decision cancel(String workId) {
    WorkItem item = work.get(workId);
    if (item == null) {
      return WorkMoves.notFound(workId);
    }
    if (item.getState() == WorkState.WORK_STATE_CANCELLED) {
      return new Decision.Settled(WorkMoves.result(item));
    }
    return moves.move(
        item,
        WorkState.WORK_STATE_CANCELLED,
        "WORK_CANCELLED",
        b -> b.clearLeaseEndLedgerMillis().clearAttemptEndLedgerMillis());
  }

  /// Puts a dead letter back. Its last worker may claim it again: who else could run it is not part
  /// of the state, and an item that excludes the only capable node would wait for ever.
  /// Dependencies that were forgotten meanwhile had been completed, or the item could not have been
  /// claimed; they would block it as well.
  Decision requeue(String workId) {
    WorkItem item = work.get(workId);
    if (item == null) {
      return WorkMoves.notFound(workId);
    }
    if (!WorkLifecycle.ended(item.getState())) {
      return WorkMoves.illegal(item, WorkState.WORK_STATE_PENDING);
    }
    return moves.move(
        item,
        WorkState.WORK_STATE_PENDING,
        "WORK_RETRY",
        b -> {
          var spec = item.getSpec().toBuilder();
          List<String> known =
              spec.getDependsOnList().stream().filter(id -> work.get(id) != null).toList();
          spec.clearDependsOn().addAllDependsOn(known);
          return WorkMoves.unclaimed(b)
              .setSpec(spec)
              .setAttempts(0)
              .clearRefusals()
              .clearEndTime()
              .clearEndLedgerMillis();
        });
  }

  /// Ends what is overdue and forgets what was kept long enough.
  Decision maintain(MaintainQueue command, long ledgerMillis) {
    List<String> overdue = work.overdue(ledgerMillis);
    List<String> old =
        command.getKeepEndedMillis() > 0 && command.getKeepEndedMillis() <= ledgerMillis
            ? work.droppable(ledgerMillis - command.getKeepEndedMillis())
            : List.of();
    if (overdue.isEmpty() && old.isEmpty()) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    return new Decision.Change(
        () -> {
          var result = CommandResult.newBuilder();
          overdue.stream()
              .map(work::get)
              .forEach(
                  item -> {
                    if (item != null) {
                      result.addItems(moves.endOverdue(item));
                    }
                  });
          old.forEach(work::remove);
          return result.setDropped(old.size()).build();
        });
  }
}
