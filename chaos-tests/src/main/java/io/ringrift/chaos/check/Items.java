package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The history of a run, parted by item. Operations whose item is not known are given to the items
/// that they may have touched.
final class Items {
  /// Number of operations that no client made: the final state, seen as a read.
  static final int FINAL = -1;

  private static final Answer NOTHING = new Answer("", "", 0, "", "");

  private final Map<String, List<Operation>> byItem = new TreeMap<>();
  private final RunEvidence run;

  private Items(RunEvidence run) {
    this.run = run;
  }

  /// Operations of each item, its final state as the last read.
  static Map<String, List<Operation>> of(RunEvidence run) {
    var items = new Items(run);
    items.known();
    items.submitsWithoutAnswer();
    items.claimsWithoutAnswer();
    items.unseenSubmits();
    items.finals();
    return items.byItem;
  }

  /// The final state that goes furthest among those of the newest log that tell items.
  private static Optional<NodeFinal> furthest(RunEvidence run) {
    return Ends.newest(run).stream()
        .filter(NodeFinal::itemsTold)
        .max(Comparator.comparingLong(NodeFinal::appliedIndex));
  }

  static boolean aboutItems(Kind kind) {
    return switch (kind) {
      case SUBMIT, CLAIM, START, RENEW, COMPLETE, FAIL, RELEASE, CANCEL, REQUEUE, READ -> true;
      case SPAWN, SYNC, ORDER -> false;
    };
  }

  private void known() {
    for (Operation operation : run.history().operations()) {
      if (!operation.key().isEmpty() && aboutItems(operation.kind()) && tells(operation)) {
        add(operation.key(), trusted(operation));
      }
    }
  }

  private void add(String key, Operation operation) {
    byItem.computeIfAbsent(key, _ -> new ArrayList<>()).add(operation);
  }

  /// A read tells by its answer alone, and only when it does not claim to be stale. A refusal tells
  /// when it says that the claim does not hold.
  private static boolean tells(Operation operation) {
    if (operation.kind() == Kind.READ) {
      return operation.ok() && !operation.argument().equals("stale");
    }
    return operation.outcome() != Outcome.FAIL || refusedAsStale(operation);
  }

  static boolean refusedAsStale(Operation operation) {
    boolean lost = operation.kind() == Kind.RENEW || operation.reason().startsWith("STALE_CLAIM");
    return operation.outcome() == Outcome.FAIL && lost;
  }

  /// A failure report or a release that is repeated is refused as stale when the first try took
  /// effect: whether it did is not known.
  private static Operation trusted(Operation operation) {
    boolean repeatable = operation.kind() != Kind.FAIL && operation.kind() != Kind.RELEASE;
    return repeatable || operation.ok() ? operation : unknown(operation, operation.key());
  }

  private static Operation unknown(Operation operation, String key) {
    return new Operation(
        operation.number(),
        operation.client(),
        operation.node(),
        operation.kind(),
        operation.request(),
        key,
        operation.token(),
        operation.argument(),
        Outcome.UNKNOWN,
        NOTHING,
        operation.reason(),
        operation.invokedNanos(),
        Operation.NEVER);
  }

  private List<Operation> without(Kind kind) {
    return run.history().operations().stream()
        .filter(o -> o.kind() == kind && o.outcome() == Outcome.UNKNOWN && o.key().isEmpty())
        .toList();
  }

  private void submitsWithoutAnswer() {
    var byPayload = new HashMap<String, String>();
    for (NodeFinal node : run.finals()) {
      node.items().forEach(item -> byPayload.putIfAbsent(item.payload(), item.id()));
    }
    for (Operation submit : without(Kind.SUBMIT)) {
      String id = byPayload.get(submit.argument());
      if (id != null) {
        add(id, unknown(submit, id));
      }
    }
  }

  private void claimsWithoutAnswer() {
    var heldBy = new HashMap<String, Set<String>>();
    byItem.forEach(
        (id, operations) -> {
          for (Operation one : operations) {
            String worker = one.kind() == Kind.READ ? one.answer().worker() : "";
            if (!worker.isEmpty()) {
              heldBy.computeIfAbsent(worker, _ -> new HashSet<>()).add(id);
            }
          }
        });
    furthest(run).stream()
        .flatMap(node -> node.items().stream())
        .filter(item -> !item.worker().isEmpty())
        .forEach(
            item -> heldBy.computeIfAbsent(item.worker(), _ -> new HashSet<>()).add(item.id()));
    for (Operation claim : without(Kind.CLAIM)) {
      heldBy.getOrDefault(claim.client(), Set.of()).forEach(id -> add(id, unknown(claim, id)));
    }
  }

  /// Items that were there before the run, or whose submit nobody recorded.
  private void unseenSubmits() {
    byItem.forEach(
        (id, operations) -> {
          if (operations.stream().noneMatch(o -> o.kind() == Kind.SUBMIT)) {
            operations.add(made("nobody recorded", id, Kind.SUBMIT, Outcome.UNKNOWN, NOTHING, 0));
          }
        });
  }

  private void finals() {
    long end = run.setting().length().toNanos();
    for (Operation one : run.history().operations()) {
      end =
          Math.max(
              end,
              one.returnedNanos() == Operation.NEVER ? one.invokedNanos() : one.returnedNanos());
    }
    long last = end;
    furthest(run)
        .ifPresent(
            node -> {
              for (ItemFinal item : node.items()) {
                var told = new Answer(item.id(), item.state(), item.token(), item.worker(), "");
                String who = "final state of " + node.node();
                byItem.computeIfPresent(
                    item.id(),
                    (id, operations) -> {
                      operations.add(made(who, id, Kind.READ, Outcome.OK, told, last + 1));
                      return operations;
                    });
              }
            });
  }

  private static Operation made(
      String client, String key, Kind kind, Outcome outcome, Answer answer, long at) {
    return new Operation(
        FINAL,
        client,
        "",
        kind,
        "",
        key,
        0,
        "",
        outcome,
        answer,
        "",
        at,
        outcome == Outcome.UNKNOWN ? Operation.NEVER : at);
  }
}
