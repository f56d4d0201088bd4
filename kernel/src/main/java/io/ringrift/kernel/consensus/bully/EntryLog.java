package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The log in memory, from the place right behind which entries are kept. Without gaps.
final class EntryLog {
  private LogPosition base;
  private final ArrayList<LogEntry> entries = new ArrayList<>();
  private long bytes;

  EntryLog(LogPosition base, List<LogEntry> kept) {
    this.base = base;
    append(kept);
  }

  /// Place right before the first kept entry.
  LogPosition base() {
    return base;
  }

  LogPosition end() {
    return entries.isEmpty() ? base : entries.getLast().position();
  }

  /// Place of an index; empty before the base and behind the end.
  Optional<LogPosition> positionAt(long index) {
    if (index == base.index()) {
      return Optional.of(base);
    }
    return index < base.index() || index > end().index()
        ? Optional.empty()
        : Optional.of(entries.get(offset(index)).position());
  }

  boolean contains(LogPosition position) {
    return positionAt(position.index()).equals(Optional.of(position));
  }

  /// Greatest index below `index` whose entry has not the epoch that stands at `index`; 0 when
  /// there is none behind the base. Skips a whole epoch at a time (thesis, section 3.5).
  long beforeEpochAt(long index) {
    long at = index;
    while (at > base.index() && epochAt(at) == epochAt(index)) {
      at--;
    }
    return at;
  }

  private long epochAt(long index) {
    return positionAt(index).orElse(base).epoch().value();
  }

  /// Entries from an index on: as many as fit both bounds, at least one when there is any.
  List<LogEntry> from(long index, int maxEntries, int maxBytes) {
    int start = offset(index);
    int end = start;
    long sum = 0;
    while (end < entries.size() && end - start < maxEntries) {
      sum += entries.get(end).payload().length;
      if (sum > maxBytes && end > start) {
        break;
      }
      end++;
    }
    return List.copyOf(entries.subList(start, end));
  }

  /// Entries of both indexes and between.
  List<LogEntry> between(long first, long last) {
    return List.copyOf(entries.subList(offset(first), offset(last) + 1));
  }

  /// Payload bytes of all entries kept.
  long bytes() {
    return bytes;
  }

  /// Where a tail that ends at an index begins: behind it stand at most so many entries and bytes
  /// of that tail.
  long tailStart(long index, int maxEntries, long maxBytes) {
    long at = index;
    long tail = 0;
    while (at > base.index() && index - at < maxEntries) {
      tail += entries.get(offset(at)).payload().length;
      if (tail > maxBytes) {
        break;
      }
      at--;
    }
    return at;
  }

  /// Payload bytes of the entries behind an index.
  long bytesBehind(long index) {
    return bytes(entries.subList(Math.max(0, offset(index) + 1), entries.size()));
  }

  private static long bytes(List<LogEntry> some) {
    long sum = 0;
    for (LogEntry entry : some) {
      sum += entry.payload().length;
    }
    return sum;
  }

  /// Appends entries that follow the end.
  void append(List<LogEntry> more) {
    for (LogEntry entry : more) {
      if (entry.index() != end().index() + 1) {
        throw new IllegalStateException("entry " + entry + " does not follow " + end());
      }
      entries.add(entry);
      bytes += entry.payload().length;
    }
  }

  /// Removes the entries from an index on, and tells which they were.
  List<LogEntry> truncateFrom(long index) {
    List<LogEntry> tail = entries.subList(offset(index), entries.size());
    List<LogEntry> removed = List.copyOf(tail);
    bytes -= bytes(removed);
    tail.clear();
    return removed;
  }

  /// Forgets the entries up to a place that it contains.
  void compactTo(LogPosition upTo) {
    List<LogEntry> forgotten = entries.subList(0, offset(upTo.index()) + 1);
    bytes -= bytes(forgotten);
    forgotten.clear();
    base = upTo;
  }

  /// Replaces everything by the place that a snapshot covers.
  void reset(LogPosition covered) {
    entries.clear();
    bytes = 0;
    base = covered;
  }

  private int offset(long index) {
    return Math.toIntExact(index - base.index() - 1);
  }
}
