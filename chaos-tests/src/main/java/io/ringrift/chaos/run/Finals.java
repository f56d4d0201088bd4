package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.StateMark;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// What every node holds at the end: the hash of its state at an index of one log that all have
/// passed, or else at its own last one, and the items, once, as the leader reads them.
final class Finals {
  private static final int PAGE = 1000;
  private static final int TRIES = 10;

  /// Of the listing: a queue of a user's own may hold any number of items of others.
  static final int MOST_PAGES = 500;

  private static final Set<WorkState> UNENDED =
      EnumSet.of(
          WorkState.WORK_STATE_PENDING, WorkState.WORK_STATE_CLAIMED, WorkState.WORK_STATE_RUNNING);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Map<String, Endpoint> nodes;
  private final String prefix;
  private final Files files;
  private final Optional<String> token;

  /// Files of a node by path, with their SHA-256; empty when they cannot be read.
  @FunctionalInterface
  interface Files {
    Optional<Map<String, String>> of(String node);
  }

  /// @param nodes that hold the state, by name
  /// @param prefix of the payloads of this run's items; others are left out
  /// @param files what each node has at the end
  /// @param token bearer token, where the nodes want one
  Finals(Map<String, Endpoint> nodes, String prefix, Files files, Optional<String> token) {
    this.token = token;
    this.nodes = new LinkedHashMap<>(nodes);
    this.prefix = prefix;
    this.files = files;
  }

  void record(EvidenceRecorder recorder) {
    var states = new LinkedHashMap<String, Told>();
    Optional<Long> common = Optional.empty();
    for (int i = 0; i < TRIES && common.isEmpty(); i++) {
      LockSupport.parkNanos(PAUSE.toNanos() * i);
      states.clear();
      nodes.forEach((node, at) -> told(at).ifPresent(told -> states.put(node, told)));
      common = states.size() == nodes.size() ? common(List.copyOf(states.values())) : common;
    }
    Optional<List<ItemFinal>> items = items(recorder);
    // The leader's items are those of the newest log.
    String teller =
        states.entrySet().stream()
            .max(Comparator.comparingLong(each -> each.getValue().epoch()))
            .map(Map.Entry::getKey)
            .orElse("");
    for (String node : nodes.keySet()) {
      Optional<Map<String, String>> held = files.of(node);
      Told told = states.get(node);
      if (told == null) {
        recorder.end(
            new NodeFinal(
                node,
                "",
                0,
                "",
                0,
                false,
                List.of(),
                held.isPresent(),
                held.orElse(Map.of()),
                "it does not tell its state"));
        continue;
      }
      long index = common.orElseGet(told::last);
      boolean first = node.equals(teller);
      recorder.end(
          new NodeFinal(
              node,
              told.hashes().getOrDefault(index, ""),
              index,
              told.log(),
              told.epoch(),
              first && items.isPresent(),
              first ? items.orElse(List.of()) : List.of(),
              held.isPresent(),
              held.orElse(Map.of()),
              ""));
    }
  }

  /// @param log consensus mode of the node
  /// @param epoch greatest applied
  /// @param hashes by index: those that every replica marks alike, and that of this moment, if no
  ///   entry came meanwhile
  private record Told(String log, long epoch, Map<Long, String> hashes) {
    long last() {
      return hashes.keySet().stream().max(Long::compare).orElse(0L);
    }
  }

  private Optional<Told> told(Endpoint at) {
    try (var client = new ClusterClient(List.of(at), token, PATIENCE)) {
      String log = client.call(Finals::mode);
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
      return client.call(Finals::mode).equals(log)
          ? Optional.of(new Told(log, other.getEpoch(), hashes))
          : Optional.empty();
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }

  private static GetStateResponse state(Channel channel) {
    return StateServiceGrpc.newBlockingStub(channel).getState(GetStateRequest.getDefaultInstance());
  }

  private static String mode(Channel channel) {
    return StatusServiceGrpc.newBlockingStub(channel)
        .getStatus(GetStatusRequest.getDefaultInstance())
        .getConsensusMode();
  }

  /// The greatest index of one log at which all told their hash.
  private static Optional<Long> common(List<Told> states) {
    if (states.stream().map(Told::log).distinct().count() > 1) {
      return Optional.empty();
    }
    return states.stream()
        .map(told -> told.hashes().keySet())
        .reduce(
            (one, other) -> {
              var both = new LinkedHashSet<>(one);
              both.retainAll(other);
              return both;
            })
        .flatMap(both -> both.stream().max(Long::compare));
  }

  /// Ids of items that still wait or are held.
  ///
  /// @throws Refusal when the leader cannot be asked
  List<String> unended() {
    return items(UNENDED).stream().map(ItemFinal::id).toList();
  }

  /// None when the leader cannot be asked.
  private Optional<List<ItemFinal>> items(EvidenceRecorder recorder) {
    try {
      return Optional.of(items(Set.of()));
    } catch (Refusal refusal) {
      recorder.note("the leader did not list the items at the end: " + refusal.text());
      return Optional.empty();
    }
  }

  /// @param states of those that are wanted; all when empty
  private List<ItemFinal> items(Set<WorkState> states) {
    var items = new ArrayList<ItemFinal>();
    try (var client = new ClusterClient(List.copyOf(nodes.values()), token, PATIENCE)) {
      String page = "";
      int pages = 0;
      do {
        if (++pages > MOST_PAGES) {
          throw new Refusal(
              Reason.BACKPRESSURE,
              "the queue holds more than %,d items, and no more are looked through"
                  .formatted(MOST_PAGES * PAGE));
        }
        var request =
            ListWorkRequest.newBuilder()
                .setPageSize(PAGE)
                .setPageToken(page)
                .addAllStates(states)
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
