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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      case SPAWN, READ_JOB, CANCEL_JOB, SYNC, ORDER -> false;
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
      return operation.ok() && !operation.mayBeOld();
    }
    return operation.outcome() != Outcome.FAIL
        || refusedBehindItself(operation.kind())
        || saysThatTheClaimIsLost(operation);
  }

  private static boolean saysThatTheClaimIsLost(Operation operation) {
    return operation.reason().startsWith("STALE_CLAIM")
        || (operation.kind() == Kind.RENEW && operation.reason().equals(Operation.CLAIM_LOST));
  }

  /// These are refused when a former try of the same took effect: whether one did is not known.
  private static boolean refusedBehindItself(Kind kind) {
    return kind == Kind.FAIL || kind == Kind.RELEASE || kind == Kind.START || kind == Kind.REQUEUE;
  }

  private static Operation trusted(Operation operation) {
    return operation.ok() || !refusedBehindItself(operation.kind())
        ? operation
        : unknown(operation, operation.key());
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

  /// Somebody saw the item in the hand of a worker.
  ///
  /// @param until end of the look
  private record Sight(String worker, long token, long until) {}

  /// A claim without an answer stands only at items that somebody saw in its worker's hand under a
  /// token that no other claim explains: what nobody saw needs no explanation, and every claim more
  /// doubles the search.
  private void claimsWithoutAnswer() {
    var ends = new HashMap<String, ItemFinal>();
    furthest(run).ifPresent(node -> node.items().forEach(item -> ends.put(item.id(), item)));
    List<Operation> claims = without(Kind.CLAIM);
    for (String id : List.copyOf(byItem.keySet())) {
      List<Sight> unexplained = unexplained(id, ends);
      for (Operation claim : claims) {
        boolean may =
            unexplained.stream()
                .anyMatch(
                    sight ->
                        sight.worker().equals(claim.client())
                            && sight.until() >= claim.invokedNanos());
        if (may) {
          add(id, unknown(claim, id));
        }
      }
    }
  }

  private List<Sight> unexplained(String id, Map<String, ItemFinal> ends) {
    List<Operation> operations = byItem.getOrDefault(id, List.of());
    var sights = new ArrayList<Sight>();
    for (Operation one : operations) {
      if (one.kind() == Kind.READ) {
        sights.add(new Sight(one.answer().worker(), one.answer().token(), one.returnedNanos()));
      }
    }
    ItemFinal end = ends.get(id);
    if (end != null) {
      sights.add(new Sight(end.worker(), end.token(), Operation.NEVER));
    }
    sights.removeIf(
        sight ->
            sight.worker().isEmpty()
                || operations.stream().anyMatch(claim -> explains(claim, sight)));
    return sights;
  }

  private static boolean explains(Operation claim, Sight sight) {
    return claim.kind() == Kind.CLAIM
        && claim.ok()
        && claim.client().equals(sight.worker())
        && (sight.token() == 0 || claim.answer().token() == sight.token());
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
                var told =
                    new Answer(item.id(), item.state(), item.token(), item.worker(), item.result());
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
