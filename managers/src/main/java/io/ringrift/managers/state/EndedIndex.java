package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Ended entities by the ledger time of their end, for forgetting the oldest.
@Pure
final class EndedIndex {
  /// Entities looked at for each one that ends, so that a few that must stay do not make every end
  /// walk over them.
  private static final int LOOK_AT = 16;

  private record End(long ledgerMillis, long sequence) implements Comparable<End> {
    @Override
    public int compareTo(End other) {
      int byTime = Long.compare(ledgerMillis, other.ledgerMillis);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  private final TreeMap<End, String> ends = new TreeMap<>();

  void add(long endLedgerMillis, long sequence, String id) {
    ends.put(new End(endLedgerMillis, sequence), id);
  }

  void remove(long endLedgerMillis, long sequence) {
    ends.remove(new End(endLedgerMillis, sequence));
  }

  /// The oldest ids above the limit that may go.
  List<String> above(int limit, Predicate<String> mayGo) {
    int excess = ends.size() - limit;
    var found = new ArrayList<String>();
    if (excess <= 0) {
      return found;
    }
    int looked = 0;
    for (String id : ends.values()) {
      if (found.size() == excess || ++looked > LOOK_AT) {
        break;
      }
      if (mayGo.test(id)) {
        found.add(id);
      }
    }
    return found;
  }

  /// Ids that ended before a moment of ledger time and may go, oldest first.
  List<String> endedBefore(long ledgerMillis, Predicate<String> mayGo) {
    return ends.headMap(new End(ledgerMillis, 0)).values().stream().filter(mayGo).toList();
  }

  int size() {
    return ends.size();
  }
}
