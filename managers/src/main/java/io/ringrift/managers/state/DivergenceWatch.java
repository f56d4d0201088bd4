package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.NodeId;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateMark;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The alarm for replicas that drifted apart, which no protocol here allows and only a fault brings
/// about: the leader compares hashes of the state at equal places of the log with every voter that
/// answers. It tells and changes nothing. One loop runs rounds; any thread reads.
final class DivergenceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DivergenceWatch.class);
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final ClusterStore store;
  private final Consensus consensus;
  private final Services services;
  private final CommandPipeline pipeline;
  private volatile Map<String, Long> diverged = Map.of();

  DivergenceWatch(
      ClusterStore store, Consensus consensus, Services services, CommandPipeline pipeline) {
    this.store = store;
    this.consensus = consensus;
    this.services = services;
    this.pipeline = pipeline;
  }

  /// Diverged voters, each with the first place of the log at which its state was seen to differ.
  /// Empty at a node that does not lead: it has not compared since it last did.
  Map<String, Long> diverged() {
    return pipeline.epoch().isEmpty() ? Map.of() : diverged;
  }

  /// Compares with all other voters. One that does not answer is as it was at the last round.
  void round() throws InterruptedException {
    List<NodeId> others =
        consensus.voters().stream().filter(id -> !id.equals(services.self())).toList();
    var answers =
        Fanout.ask(
                others,
                ANSWER,
                id ->
                    StateServiceGrpc.newBlockingStub(services.on(id))
                        .getState(GetStateRequest.getDefaultInstance())
                        .getMarksList())
            .answers();
    var found = new TreeMap<>(diverged);
    List<StateMark> own = store.marks();
    answers.forEach(
        (node, theirs) -> {
          OptionalLong place = firstDifference(own, theirs);
          if (place.isPresent()) {
            found.putIfAbsent(node.value(), place.getAsLong());
          } else {
            found.remove(node.value());
          }
        });
    Map<String, Long> before = diverged;
    diverged = Collections.unmodifiableMap(found);
    found.forEach(
        (node, place) -> {
          if (!before.containsKey(node)) {
            tell(node, place);
          }
        });
  }

  /// The first place at which both tell a hash and the hashes differ.
  static OptionalLong firstDifference(List<StateMark> own, List<StateMark> theirs) {
    Map<Long, String> known =
        own.stream()
            .collect(
                Collectors.toMap(
                    StateMark::getIndex, StateMark::getStateHash, (first, _) -> first));
    return theirs.stream()
        .filter(mark -> known.containsKey(mark.getIndex()))
        .filter(mark -> !mark.getStateHash().equals(known.get(mark.getIndex())))
        .mapToLong(StateMark::getIndex)
        .min();
  }

  private void tell(String node, long place) {
    LOG.error(
        "the state of {} differs from this node's at ledger index {}: a fault of disk, memory or"
            + " program; stop {}, move its state folder away while every other voter is up, and"
            + " start it again",
        node,
        place,
        node);
    var _ =
        pipeline.submit(
            Command.newBuilder()
                .setRecordEvent(
                    RecordEvent.newBuilder()
                        .setKind("STATE_DIVERGED")
                        .setSubject(node)
                        .putAttributes("index", Long.toString(place)))
                .build(),
            0);
  }
}
