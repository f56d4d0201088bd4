package io.ringrift.chaos.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What happens next, by virtual time and then by order of scheduling: a binary heap without
/// allocation per entry. One thread.
final class EventQueue {
  private long[] times = new long[1024];
  private long[] sequences = new long[1024];
  private @Nullable Runnable[] actions = new Runnable[1024];
  private int size;
  private long scheduled;

  /// Never lets an event lie in the past of one that was taken: the caller's part.
  void add(long at, Runnable action) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      sequences = Arrays.copyOf(sequences, size * 2);
      actions = Arrays.copyOf(actions, size * 2);
    }
    long sequence = scheduled++;
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) >>> 1;
      if (times[parent] <= at) {
        break;
      }
      move(parent, hole);
      hole = parent;
    }
    put(hole, at, sequence, action);
  }

  /// Time of the next event; `Long.MAX_VALUE` when there is none.
  long nextTime() {
    return size == 0 ? Long.MAX_VALUE : times[0];
  }

  /// Takes the next event.
  Runnable take() {
    Runnable first = actions[0];
    if (size == 0 || first == null) {
      throw new IllegalStateException("no event is scheduled");
    }
    size--;
    long at = times[size];
    long sequence = sequences[size];
    Runnable action = actions[size];
    actions[size] = null;
    if (size > 0) {
      sink(at, sequence, action);
    }
    return first;
  }

  private void sink(long at, long sequence, @Nullable Runnable action) {
    int hole = 0;
    while (true) {
      int child = 2 * hole + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && before(child + 1, times[child], sequences[child])) {
        child++;
      }
      if (!before(child, at, sequence)) {
        break;
      }
      move(child, hole);
      hole = child;
    }
    put(hole, at, sequence, action);
  }

  private boolean before(int slot, long at, long sequence) {
    return times[slot] < at || (times[slot] == at && sequences[slot] < sequence);
  }

  private void move(int from, int to) {
    put(to, times[from], sequences[from], actions[from]);
  }

  private void put(int slot, long at, long sequence, @Nullable Runnable action) {
    times[slot] = at;
    sequences[slot] = sequence;
    actions[slot] = action;
  }
}
