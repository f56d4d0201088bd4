package io.ringrift.chaos.live;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.ListWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Holds what the clients were told against what the cluster has at the end.
final class Verdict {
  private static final int MOST_TOLD = 20;
  private static final int PAGE = 1000;

  private final List<String> broken = new ArrayList<>();

  /// @return what does not hold; empty when all does
  static List<String> of(Load load, ClusterClient client) {
    var verdict = new Verdict();
    verdict.broken.addAll(load.problems());
    Map<String, WorkItem> items = verdict.list(client);
    for (String id : load.acknowledgedIds()) {
      if (!items.containsKey(id)) {
        verdict.broken.add("acknowledged item " + id + " is lost");
      }
    }
    load.histories()
        .forEach(
            (id, history) -> {
              history.violation().ifPresent(v -> verdict.broken.add("item " + id + ": " + v));
              WorkItem item = items.get(id);
              boolean done = item != null && Load.rank(item.getState()) == ItemHistory.COMPLETED;
              if (history.reached(ItemHistory.COMPLETED) && !done) {
                verdict.broken.add("item " + id + " was completed and is not any more");
              }
            });
    int more = verdict.broken.size() - MOST_TOLD;
    return more <= 0
        ? verdict.broken
        : concat(verdict.broken.subList(0, MOST_TOLD), "and " + more + " more");
  }

  private static List<String> concat(List<String> first, String last) {
    var all = new ArrayList<>(first);
    all.add(last);
    return all;
  }

  /// Every item once, and one item for each request.
  private Map<String, WorkItem> list(ClusterClient client) {
    var items = new HashMap<String, WorkItem>();
    var requests = new HashMap<String, String>();
    String page = "";
    do {
      var request =
          ListWorkRequest.newBuilder()
              .setPageSize(PAGE)
              .setPageToken(page)
              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
              .build();
      ListWorkResponse answer =
          client.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request));
      for (WorkItem item : answer.getItemsList()) {
        if (items.put(item.getWorkId(), item) != null) {
          broken.add("item " + item.getWorkId() + " is listed twice");
        }
        String twin = requests.put(item.getSpec().getPayload(), item.getWorkId());
        if (twin != null) {
          broken.add("one request made two items: " + twin + " and " + item.getWorkId());
        }
      }
      page = answer.getNextPageToken();
    } while (!page.isEmpty());
    return items;
  }
}
