package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Searches an order of one item's operations in which each takes effect between its invocation and
/// its return (Wing and Gong, with the memory of Lowe). Operations without a known end may stand
/// anywhere behind their invocation, or nowhere. A place in the search is the set of operations
/// already placed and every life that the item may then be in. Bounded.
final class Linearization {
  /// What the search ended with.
  sealed interface Answer {
    record Linearizable(long places) implements Answer {}

    /// @param placed an order that goes as far as any
    /// @param lives what the item may be behind it
    /// @param stuck operations of which one would have to come next, and none can
    record Refuted(List<Operation> placed, Set<Life> lives, List<Operation> stuck)
        implements Answer {}

    /// The bound was met.
    record Undecided(long places) implements Answer {}
  }

  private record Place(BitSet placed, Set<Life> lives, List<Operation> order) {}

  private record Seen(BitSet placed, Set<Life> lives) {}

  private final List<Operation> operations;
  private final long leaseNanos;
  private final long most;
  private final Set<Seen> seen = new HashSet<>();
  private final Deque<Place> open = new ArrayDeque<>();

  private Linearization(List<Operation> operations, long leaseNanos, long most) {
    this.operations =
        operations.stream().sorted(Comparator.comparingLong(Operation::invokedNanos)).toList();
    this.leaseNanos = leaseNanos;
    this.most = most;
  }

  /// @param operations of one item, any order; those that failed count as sights of the item
  /// @param leaseNanos see `Life.after`
  /// @param most places looked at
  static Answer search(List<Operation> operations, long leaseNanos, long most) {
    return new Linearization(operations, leaseNanos, most).search();
  }

  private Answer search() {
    var best = new Place(new BitSet(), Set.of(Life.NONE), List.of());
    open.push(best);
    while (!open.isEmpty()) {
      if (seen.size() >= most) {
        return new Answer.Undecided(seen.size());
      }
      Place place = open.pop();
      if (place.order().size() >= best.order().size()) {
        best = place;
      }
      List<Integer> next = candidates(place.placed());
      if (next.stream().noneMatch(this::required) && allRequired(place.placed())) {
        return new Answer.Linearizable(seen.size());
      }
      // The first is tried first: it is on top.
      for (int i = next.size() - 1; i >= 0; i--) {
        extend(place, next.get(i));
      }
    }
    return new Answer.Refuted(
        best.order(),
        best.lives(),
        candidates(best.placed()).stream().filter(this::required).map(operations::get).toList());
  }

  private boolean required(int index) {
    return operations.get(index).outcome() != Outcome.UNKNOWN;
  }

  private boolean allRequired(BitSet placed) {
    for (int i = placed.nextClearBit(0); i < operations.size(); i = placed.nextClearBit(i + 1)) {
      if (required(i)) {
        return false;
      }
    }
    return true;
  }

  /// Those that began before every unplaced one that must be placed had returned.
  private List<Integer> candidates(BitSet placed) {
    long end = Long.MAX_VALUE;
    var found = new ArrayList<Integer>();
    for (int i = placed.nextClearBit(0); i < operations.size(); i = placed.nextClearBit(i + 1)) {
      if (operations.get(i).invokedNanos() > end) {
        break;
      }
      found.add(i);
      end = Math.min(end, operations.get(i).returnedNanos());
    }
    // Few orders need an operation that nobody knows to have happened.
    found.sort(Comparator.comparing(i -> !required(i)));
    return found;
  }

  private void extend(Place place, int index) {
    Operation operation = operations.get(index);
    var lives = new LinkedHashSet<Life>();
    for (Life life : place.lives()) {
      lives.addAll(life.after(operation, leaseNanos));
    }
    if (lives.isEmpty()) {
      return;
    }
    var placed = (BitSet) place.placed().clone();
    placed.set(index);
    if (seen.add(new Seen(placed, lives))) {
      var order = new ArrayList<>(place.order());
      order.add(operation);
      open.push(new Place(placed, lives, order));
    }
  }
}
