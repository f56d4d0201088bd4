package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// Who waits for what: offered commands, read points and transfers. Owned by the driver thread,
/// which completes the futures.
final class Tickets {
  private record Placed(LogPosition position, CompletableFuture<Applied> future) {}

  private record Passed(long index, List<CompletableFuture<Long>> futures) {}

  private final Map<Long, List<CompletableFuture<Applied>>> offered = new HashMap<>();
  private final TreeMap<Long, Placed> placed = new TreeMap<>();
  private final Map<Long, List<CompletableFuture<Long>>> barriers = new HashMap<>();
  private final ArrayDeque<Passed> passed = new ArrayDeque<>();
  private final Map<Long, CompletableFuture<NodeId>> transfers = new HashMap<>();
  private long next;

  long offer(List<CompletableFuture<Applied>> futures) {
    offered.put(++next, futures);
    return next;
  }

  long barrier(List<CompletableFuture<Long>> futures) {
    barriers.put(++next, futures);
    return next;
  }

  long transfer(CompletableFuture<NodeId> future) {
    transfers.put(++next, future);
    return next;
  }

  void accepted(long ticket, List<LogPosition> positions) {
    var futures = offered.remove(ticket);
    if (futures == null) {
      return;
    }
    if (futures.size() != positions.size()) {
      throw new IllegalStateException(
          futures.size() + " commands were given " + positions.size() + " places");
    }
    for (int i = 0; i < positions.size(); i++) {
      placed.put(positions.get(i).index(), new Placed(positions.get(i), futures.get(i)));
    }
  }

  /// Entries were executed: completes those offered here, and the read points that waited for them.
  void applied(List<LogEntry> entries, List<byte[]> results) {
    for (int i = 0; i < entries.size(); i++) {
      LogEntry entry = entries.get(i);
      var waiting = placed.remove(entry.index());
      if (waiting == null) {
        continue;
      }
      if (waiting.position().equals(entry.position())) {
        waiting.future().complete(new Applied(entry.position(), results.get(i)));
      } else {
        waiting.future().completeExceptionally(unknown("another leader's entry took its place"));
      }
    }
  }

  void barrierPassed(long ticket, long index, long applied) {
    var futures = barriers.remove(ticket);
    if (futures != null) {
      passed.add(new Passed(index, futures));
      serve(applied);
    }
  }

  /// Completes the read points that this index covers.
  void serve(long applied) {
    for (var it = passed.iterator(); it.hasNext(); ) {
      var point = it.next();
      if (point.index() <= applied) {
        it.remove();
        point.futures().forEach(f -> f.complete(applied));
      }
    }
  }

  void transferred(long ticket, NodeId target) {
    var future = transfers.remove(ticket);
    if (future != null) {
      future.complete(target);
    }
  }

  void refused(long ticket, Refusal refusal) {
    var waiting = new ArrayList<CompletableFuture<?>>();
    waiting.addAll(offered.getOrDefault(ticket, List.of()));
    waiting.addAll(barriers.getOrDefault(ticket, List.of()));
    var transfer = transfers.get(ticket);
    if (transfer != null) {
      waiting.add(transfer);
    }
    offered.remove(ticket);
    barriers.remove(ticket);
    transfers.remove(ticket);
    waiting.forEach(f -> f.completeExceptionally(refusal));
  }

  /// Leadership ended: what stands in the log may yet be committed by another leader.
  void leadershipEnded(String cause) {
    var lost = new ArrayList<CompletableFuture<?>>();
    placed.values().forEach(p -> lost.add(p.future()));
    offered.values().forEach(lost::addAll);
    placed.clear();
    offered.clear();
    lost.forEach(f -> f.completeExceptionally(unknown(cause)));
    var reads = new ArrayList<CompletableFuture<?>>();
    barriers.values().forEach(reads::addAll);
    passed.forEach(p -> reads.addAll(p.futures()));
    barriers.clear();
    passed.clear();
    reads.forEach(
        f ->
            f.completeExceptionally(
                new Refusal(
                    Reason.NO_QUORUM,
                    "leadership ended ("
                        + cause
                        + ") before the read point was confirmed; ask"
                        + " again")));
  }

  /// The node closes or its core is discarded: transfers end as well.
  void failAll(String cause) {
    leadershipEnded(cause);
    var refusal = new Refusal(Reason.SHUTTING_DOWN, "transfer came to nothing: " + cause);
    transfers.values().forEach(f -> f.completeExceptionally(refusal));
    transfers.clear();
  }

  private static Refusal unknown(String cause) {
    return new Refusal(
        Reason.OUTCOME_UNKNOWN,
        "leadership ended before the command was confirmed ("
            + cause
            + "); repeat it under the same request_id");
  }
}
