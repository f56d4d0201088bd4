package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A second judge of small histories, for tests: an item that lives second by second. In each
/// second any operation that is under way may take effect, and a lease that is over may end. Knows
/// all that is done to items, with one result, and reads without token.
final class EveryMoment {
  /// Tokens that nobody was told lie between those that somebody was.
  private static final long APART = 100;

  private static final Set<String> HELD = Set.of("CLAIMED", "RUNNING");

  private record Item(String state, String worker, long token, long until) {
    Item ended(String end) {
      return new Item(end, end.equals("COMPLETED") ? worker : "", token, until);
    }

    boolean held(String by, long under) {
      return HELD.contains(state) && worker.equals(by) && token == under;
    }
  }

  private record Moment(long second, Set<Integer> done, Item item) {}

  private final List<Operation> operations;
  private final long lease;
  private final Set<Moment> seen = new HashSet<>();

  private EveryMoment(List<Operation> operations, long lease) {
    this.operations = operations;
    this.lease = lease;
  }

  /// Whether some life explains what all were told. All times are whole seconds.
  static boolean explains(List<Operation> operations, Duration lease) {
    var life = new EveryMoment(operations, lease.toSeconds());
    return life.from(new Moment(0, Set.of(), new Item("ABSENT", "", 0, 0)));
  }

  private boolean from(Moment now) {
    if (!seen.add(now)) {
      return false;
    }
    var left = new ArrayList<Operation>();
    for (int i = 0; i < operations.size(); i++) {
      boolean known = operations.get(i).outcome() != Outcome.UNKNOWN;
      if (known && !now.done().contains(i)) {
        left.add(operations.get(i));
      }
    }
    if (left.isEmpty()) {
      return true;
    }
    if (left.stream().anyMatch(o -> seconds(o.returnedNanos()) < now.second())) {
      return false;
    }
    Item item = now.item();
    boolean over = HELD.contains(item.state()) && now.second() >= item.until();
    return something(now)
        || (over && from(new Moment(now.second(), now.done(), item.ended("PENDING"))))
        || (over && from(new Moment(now.second(), now.done(), item.ended("TIMEOUT"))))
        || from(new Moment(now.second() + 1, now.done(), item));
  }

  private static long seconds(long nanos) {
    return nanos / 1_000_000_000;
  }

  private boolean something(Moment now) {
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      if (now.done().contains(i) || seconds(operation.invokedNanos()) > now.second()) {
        continue;
      }
      var done = new HashSet<>(now.done());
      done.add(i);
      for (Item item : done(operation, now.item(), now.second())) {
        if (from(new Moment(now.second(), done, item))) {
          return true;
        }
      }
    }
    return false;
  }

  private List<Item> done(Operation operation, Item item, long second) {
    String by = operation.client();
    long under = operation.token() * APART;
    String state = item.state();
    boolean held = item.held(by, under);
    return switch (operation.kind()) {
      case SUBMIT -> only(state.equals("ABSENT"), new Item("PENDING", "", 0, 0));
      case CLAIM -> state.equals("PENDING") ? claimed(operation, item, second) : List.of();
      case RENEW -> only(held, new Item(state, by, under, second + lease));
      case COMPLETE -> {
        boolean again =
            state.equals("COMPLETED") && item.worker().equals(by) && item.token() == under;
        yield only(held || again, item.ended("COMPLETED"));
      }
      case START -> only(held, new Item("RUNNING", by, under, item.until()));
      case RELEASE -> only(held, item.ended("PENDING"));
      case FAIL ->
          Stream.of("PENDING", "FAILED")
              .filter(end -> held && (!operation.ok() || operation.answer().state().equals(end)))
              .map(item::ended)
              .toList();
      case REQUEUE -> only(Set.of("FAILED", "TIMEOUT").contains(state), item.ended("PENDING"));
      case CANCEL ->
          only(
              Set.of("PENDING", "CLAIMED", "RUNNING", "CANCELLED").contains(state),
              item.ended("CANCELLED"));
      case READ -> only(state.equals(operation.answer().state()), item);
      default -> throw new IllegalArgumentException("no rule for " + operation);
    };
  }

  private List<Item> claimed(Operation operation, Item item, long second) {
    var tokens = new HashSet<Long>();
    if (operation.ok()) {
      tokens.add(operation.answer().token() * APART);
    } else {
      tokens.add(item.token() + 1);
      operations.forEach(o -> tokens.add(o.token() * APART));
    }
    return tokens.stream()
        .filter(token -> token > item.token())
        .map(token -> new Item("CLAIMED", operation.client(), token, second + lease))
        .toList();
  }

  private static List<Item> only(boolean possible, Item item) {
    return possible ? List.of(item) : List.of();
  }
}
