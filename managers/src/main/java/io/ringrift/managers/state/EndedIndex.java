package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Ended entities that may be forgotten, by the ledger time of their end, with what they weigh.
@Pure
final class EndedIndex {
  private record End(long ledgerMillis, long sequence) implements Comparable<End> {
    @Override
    public int compareTo(End other) {
      int byTime = Long.compare(ledgerMillis, other.ledgerMillis);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  private record Ended(String id, long weight) {}

  private final TreeMap<End, Ended> ends = new TreeMap<>();
  private final int most;
  private final long mostWeight;
  private long weight;

  EndedIndex(int most, long mostWeight) {
    this.most = most;
    this.mostWeight = mostWeight;
  }

  void add(long endLedgerMillis, long sequence, String id, long itsWeight) {
    remove(endLedgerMillis, sequence);
    ends.put(new End(endLedgerMillis, sequence), new Ended(id, itsWeight));
    weight += itsWeight;
  }

  void remove(long endLedgerMillis, long sequence) {
    Ended removed = ends.remove(new End(endLedgerMillis, sequence));
    if (removed != null) {
      weight -= removed.weight();
    }
  }

  /// The oldest while there are too many or they weigh too much; the newest always stays.
  Optional<String> excess() {
    return excess(_ -> false);
  }

  /// The same without ids that have to stay; these have to be few, for they are walked over.
  Optional<String> excess(Predicate<String> stays) {
    return ends.size() > most || (weight > mostWeight && ends.size() > 1)
        ? ends.values().stream()
            .limit(ends.size() - 1L)
            .map(Ended::id)
            .filter(stays.negate())
            .findFirst()
        : Optional.empty();
  }

  /// Ids that ended before a moment of ledger time, oldest first.
  List<String> endedBefore(long ledgerMillis) {
    return ends.headMap(new End(ledgerMillis, 0)).values().stream().map(Ended::id).toList();
  }

  int size() {
    return ends.size();
  }

  long weight() {
    return weight;
  }
}
