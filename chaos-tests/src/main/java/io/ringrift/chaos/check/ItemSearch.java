package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Looks for an order of every item's operations and tells the items without one.
final class ItemSearch {
  /// Places of one item's search.
  static final long MOST_PLACES = 200_000;

  private static final int MOST_TOLD = 12;

  private final Check check;
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> undecided = new ArrayList<>();
  private int items;
  private int operations;

  private ItemSearch(Check check) {
    this.check = check;
  }

  /// @param counts operations that the search looks at
  /// @param concerns items that it looks at
  static Result run(
      Check check,
      RunEvidence run,
      Predicate<Operation> counts,
      Predicate<List<Operation>> concerns) {
    if (run.history().dropped() > 0) {
      return Result.undecided(check, "operations are missing in the history, see HistoryIsWhole");
    }
    var search = new ItemSearch(check);
    // Clocks of nodes may be a tenth faster than the one of the clients.
    long lease = run.setting().claimLease().toNanos() / 10 * 9;
    for (Map.Entry<String, List<Operation>> item : Items.of(run).entrySet()) {
      List<Operation> counted = item.getValue().stream().filter(counts).toList();
      if (concerns.test(counted)) {
        search.item(item.getKey(), counted, lease);
      }
    }
    return search.result();
  }

  private void item(String id, List<Operation> counted, long lease) {
    items++;
    operations += counted.size();
    switch (Linearization.search(counted, lease, MOST_PLACES)) {
      case Linearization.Answer.Linearizable _ -> {}
      case Linearization.Answer.Undecided _ -> undecided.add(id);
      case Linearization.Answer.Refuted refuted -> findings.add(finding(id, refuted));
    }
  }

  private static Finding finding(String id, Linearization.Answer.Refuted refuted) {
    var text =
        new StringBuilder("item " + id + ": no order explains what clients were told. ")
            .append("It can be ")
            .append(String.join(" or ", refuted.lives().stream().map(Life::toString).toList()))
            .append(" after");
    List<Operation> placed = refuted.placed();
    if (placed.isEmpty()) {
      text.append(" nothing");
    }
    placed.stream().skip(Math.max(0, placed.size() - MOST_TOLD)).forEach(o -> line(text, o));
    text.append("\nand then none of these can come next:");
    refuted.stuck().stream().limit(MOST_TOLD).forEach(o -> line(text, o));
    List<Operation> told = refuted.stuck().isEmpty() ? placed : refuted.stuck();
    return Finding.of(text.toString(), told.stream().filter(o -> o.number() >= 0).toList());
  }

  private static void line(StringBuilder text, Operation operation) {
    text.append("\n  ").append(operation);
  }

  private Result result() {
    String looked = String.format(Locale.ROOT, "%d operations on %d items", operations, items);
    if (!findings.isEmpty()) {
      return Result.of(check, looked, findings);
    }
    if (!undecided.isEmpty()) {
      return Result.undecided(
          check,
          looked
              + "; the search of "
              + undecided.size()
              + " items met its bound of "
              + MOST_PLACES
              + " places, the first is "
              + undecided.getFirst());
    }
    return items == 0
        ? Result.notConcerned(check, "no operation on an item")
        : Result.of(check, looked, findings);
  }
}
