package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkRefusal;
import java.util.ArrayList;
import java.util.List;

/// Which workers an item is kept from because they could not begin it. Each time for twice as long,
/// so that what was missing may be put there; and not for ever, so that an item that nobody can
/// begin ends and says why.
@Pure
final class WorkRefusals {
  /// Refusals by one worker that end an item.
  static final int MOST_OF_ONE = 5;

  /// Workers remembered for one item; one more ends it.
  static final int MOST_WORKERS = 64;

  private static final long FIRST_MILLIS = 60_000;
  private static final int MOST_CAUSE_CHARS = 200;

  private WorkRefusals() {}

  /// Whether the worker is not to get the item now.
  static boolean keeps(WorkItem item, String worker, long ledgerMillis) {
    return item.getRefusalsList().stream()
        .anyMatch(
            refusal ->
                refusal.getWorkerId().equals(worker)
                    && refusal.getUntilLedgerMillis() > ledgerMillis);
  }

  /// The refusals with one more.
  static List<WorkRefusal> with(WorkItem item, String worker, String cause, long ledgerMillis) {
    var all = new ArrayList<WorkRefusal>();
    int count = 1;
    for (WorkRefusal refusal : item.getRefusalsList()) {
      if (refusal.getWorkerId().equals(worker)) {
        count = refusal.getCount() + 1;
      } else {
        all.add(refusal);
      }
    }
    all.add(
        WorkRefusal.newBuilder()
            .setWorkerId(worker)
            .setCount(count)
            .setUntilLedgerMillis(ledgerMillis + (FIRST_MILLIS << Math.min(count - 1, 4)))
            .setCause(WorkMoves.cut(cause, MOST_CAUSE_CHARS))
            .build());
    return all;
  }

  /// Whether these are enough to end the item.
  static boolean enough(List<WorkRefusal> refusals) {
    return refusals.size() > MOST_WORKERS
        || refusals.stream().anyMatch(refusal -> refusal.getCount() >= MOST_OF_ONE);
  }
}
