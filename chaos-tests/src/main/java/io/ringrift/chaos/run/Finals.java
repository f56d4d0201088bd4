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
import org.jspecify.annotations.Nullable;

/// What every node holds at the end: the hash of its state at an index of one log that all have
/// passed, or else at its own last one, and the items: in a cluster of the run's own as each node
/// holds them once it has applied what the leader had, elsewhere once, as the leader reads them.
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

  /// Waits of a node for what the leader has applied.
  private static final int WAITS = 50;

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
    Optional<Long> mark = common;
    Optional<Listing> led = led(recorder);
    // The leader's items are those of the newest log.
    String teller =
        states.entrySet().stream()
            .max(Comparator.comparingLong(each -> each.getValue().epoch()))
            .map(Map.Entry::getKey)
            .orElse("");
    nodes.forEach(
        (node, at) -> {
          Told told = states.get(node);
          Optional<Listing> items =
              led.filter(_ -> told != null)
                  .flatMap(
                      all ->
                          ours()
                              ? own(node, at, all, recorder)
                              : led.filter(_ -> node.equals(teller)));
          end(node, told, mark, items, recorder);
        });
  }

  private void end(
      String node,
      @Nullable Told told,
      Optional<Long> mark,
      Optional<Listing> items,
      EvidenceRecorder recorder) {
    Optional<Map<String, String>> held = files.of(node);
    long index = told == null ? 0 : mark.orElseGet(told::last);
    recorder.end(
        new NodeFinal(
            node,
            told == null ? "" : told.hashes().getOrDefault(index, ""),
            index,
            told == null ? "" : told.log(),
            told == null ? 0 : told.epoch(),
            items.isPresent(),
            items.map(Listing::items).orElse(List.of()),
            held.isPresent(),
            held.orElse(Map.of()),
            told == null ? "it does not tell its state" : ""));
  }

  /// Whether the cluster is the run's own.
  private boolean ours() {
    return prefix.isEmpty();
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
    return atLeader(UNENDED).items().stream().map(ItemFinal::id).toList();
  }

  /// Items, and the index that had been applied where they were read.
  private record Listing(List<ItemFinal> items, long index) {}

  /// None when the leader cannot be asked.
  private Optional<Listing> led(EvidenceRecorder recorder) {
    try {
      return Optional.of(atLeader(Set.of()));
    } catch (Refusal refusal) {
      recorder.note("the leader did not list the items at the end: " + refusal.text());
      return Optional.empty();
    }
  }

  /// What a node holds by itself, as soon as it has applied what the leader had. None when it does
  /// not come to that.
  private Optional<Listing> own(String node, Endpoint at, Listing led, EvidenceRecorder recorder) {
    try {
      for (int i = 0; i < WAITS; i++) {
        Listing own = list(List.of(at), Set.of(), ReadConsistency.READ_CONSISTENCY_STALE);
        if (own.index() >= led.index()) {
          return Optional.of(own);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      recorder.note(node + " did not come to apply what the leader had at the end");
    } catch (Refusal refusal) {
      recorder.note(node + " did not list its items at the end: " + refusal.text());
    }
    return Optional.empty();
  }

  /// @param states of those that are wanted; all when empty
  private Listing atLeader(Set<WorkState> states) {
    return list(List.copyOf(nodes.values()), states, ReadConsistency.READ_CONSISTENCY_LINEARIZABLE);
  }

  private Listing list(List<Endpoint> from, Set<WorkState> states, ReadConsistency level) {
    var items = new ArrayList<ItemFinal>();
    long index = Long.MAX_VALUE;
    try (var client = new ClusterClient(from, token, PATIENCE)) {
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
                .setReadConsistency(level)
                .build();
        var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request));
        answer.getItemsList().stream()
            .filter(item -> item.getSpec().getPayload().startsWith(prefix))
            .map(Finals::item)
            .forEach(items::add);
        index = Math.min(index, answer.getMeta().getAppliedIndex());
        page = answer.getNextPageToken();
      } while (!page.isEmpty());
    }
    return new Listing(items, index);
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
