package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.StateMark;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// What every node holds at the end: the hash of its state at an index that all have passed, and
/// the items, once, as the leader reads them.
final class Finals {
  private static final int PAGE = 1000;
  private static final int TRIES = 10;
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Map<String, Endpoint> nodes;
  private final String prefix;

  /// @param nodes that hold the state, by name
  /// @param prefix of the payloads of this run's items; others are left out
  Finals(Map<String, Endpoint> nodes, String prefix) {
    this.nodes = new LinkedHashMap<>(nodes);
    this.prefix = prefix;
  }

  void record(EvidenceRecorder recorder) {
    var states = new LinkedHashMap<String, Map<Long, String>>();
    Optional<Long> common = Optional.empty();
    for (int i = 0; i < TRIES && common.isEmpty(); i++) {
      LockSupport.parkNanos(PAUSE.toNanos() * i);
      states.clear();
      nodes.forEach((node, at) -> hashes(at).ifPresent(told -> states.put(node, told)));
      common = states.size() == nodes.size() ? common(List.copyOf(states.values())) : common;
    }
    long index = common.orElse(0L);
    List<ItemFinal> items = items();
    for (String node : nodes.keySet()) {
      Map<Long, String> told = states.get(node);
      boolean first = node.equals(nodes.keySet().iterator().next());
      recorder.end(
          new NodeFinal(
              node,
              told == null ? "" : told.getOrDefault(index, ""),
              index,
              first ? items : List.of(),
              Map.of(),
              told == null ? "it does not tell its state" : ""));
    }
  }

  /// Hash by index: those that every replica marks alike, and that of this moment, if no entry came
  /// meanwhile.
  private static Optional<Map<Long, String>> hashes(Endpoint at) {
    try (var client = new ClusterClient(List.of(at), Optional.empty(), PATIENCE)) {
      GetStateResponse one = client.call(Finals::state);
      GetStateResponse other = client.call(Finals::state);
      var hashes = new LinkedHashMap<Long, String>();
      for (StateMark mark : other.getMarksList()) {
        hashes.put(mark.getIndex(), mark.getStateHash());
      }
      long index = one.getMeta().getAppliedIndex();
      if (index == other.getMeta().getAppliedIndex()
          && one.getStateHash().equals(other.getStateHash())) {
        hashes.put(index, one.getStateHash());
      }
      return Optional.of(hashes);
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }

  private static GetStateResponse state(Channel channel) {
    return StateServiceGrpc.newBlockingStub(channel).getState(GetStateRequest.getDefaultInstance());
  }

  /// The greatest index at which all told their hash.
  private static Optional<Long> common(List<Map<Long, String>> states) {
    return states.stream()
        .map(Map::keySet)
        .reduce(
            (one, other) -> {
              var both = new LinkedHashSet<>(one);
              both.retainAll(other);
              return both;
            })
        .flatMap(both -> both.stream().max(Long::compare));
  }

  /// Ids of items that still wait or are held.
  List<String> unended() {
    return items().stream()
        .filter(item -> Set.of("PENDING", "CLAIMED", "RUNNING").contains(item.state()))
        .map(ItemFinal::id)
        .toList();
  }

  /// @throws Refusal when the leader cannot be asked
  private List<ItemFinal> items() {
    var items = new ArrayList<ItemFinal>();
    try (var client = new ClusterClient(List.copyOf(nodes.values()), Optional.empty(), PATIENCE)) {
      String page = "";
      do {
        var request =
            ListWorkRequest.newBuilder()
                .setPageSize(PAGE)
                .setPageToken(page)
                .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
                .build();
        var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request));
        answer.getItemsList().stream()
            .filter(item -> item.getSpec().getPayload().startsWith(prefix))
            .map(Finals::item)
            .forEach(items::add);
        page = answer.getNextPageToken();
      } while (!page.isEmpty());
    }
    return items;
  }

  private static ItemFinal item(WorkItem item) {
    return new ItemFinal(
        item.getWorkId(),
        item.getSpec().getPayload(),
        item.getState().name().replace("WORK_STATE_", ""),
        item.getClaimToken(),
        item.getClaimedBy(),
        item.getResult());
  }
}
