package io.ringrift.chaos.live;

import io.ringrift.kernel.time.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What clients saw of one work item, and whether that is linearizable. An item is a register that
/// only rises (0 absent, 1 queued, 2 claimed, 3 completed), so the general search of Wing and Gong
/// is not needed: each rise needs one moment between the invocation of its write and every answer
/// that shows it, at or behind the invocation of every read that does not show it, and the moments
/// of the rises must follow each other. Safe for any thread.
final class ItemHistory {
  static final int QUEUED = 1;
  static final int CLAIMED = 2;
  static final int COMPLETED = 3;

  /// @param state that a write raises the item to, or that a read saw
  /// @param returned `Moment.MAX` when no answer ever came
  record Operation(boolean write, int state, Moment invoked, Moment returned) {}

  private final List<Operation> operations = new ArrayList<>();

  synchronized void wrote(int state, Moment invoked, Moment returned) {
    operations.add(new Operation(true, state, invoked, returned));
  }

  synchronized void read(int state, Moment invoked, Moment returned) {
    operations.add(new Operation(false, state, invoked, returned));
  }

  synchronized boolean reached(int state) {
    return operations.stream().anyMatch(o -> o.write() && o.state() == state);
  }

  /// Why no order of the operations explains what was seen; empty when one does.
  synchronized Optional<String> violation() {
    Moment earliest = Moment.MIN;
    for (int state = QUEUED; state <= COMPLETED; state++) {
      int rise = state;
      long writes = operations.stream().filter(o -> o.write() && o.state() == rise).count();
      if (writes > 1) {
        return Optional.of(writes + " times raised to " + state + ": " + operations);
      }
      Moment latest = Moment.MAX;
      for (Operation one : operations) {
        if (one.write() ? one.state() == state : one.state() < state) {
          earliest = earliest.max(one.invoked());
        }
        boolean shows = one.write() ? one.state() == state : one.state() >= state;
        if (shows && one.returned().isBefore(latest)) {
          latest = one.returned();
        }
      }
      if (earliest.isAfter(latest)) {
        return Optional.of("no moment for the rise to " + state + ": " + operations);
      }
    }
    return Optional.empty();
  }
}
