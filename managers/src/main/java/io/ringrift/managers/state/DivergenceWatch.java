package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.managers.state.Comparison.Difference;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateMark;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The alarm for replicas that drifted apart, which no protocol here allows and only a fault brings
/// about: every voter compares hashes of all voters' states at equal places of the log. The leader
/// records what is found; one that a majority contradicts hands over, for its answers come from the
/// wrong state. Nothing else is changed. One loop runs rounds; any thread reads.
final class DivergenceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DivergenceWatch.class);
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final ClusterStore store;
  private final Consensus consensus;
  private final Services services;
  private final CommandPipeline pipeline;
  private final String log;
  private volatile NavigableMap<String, Difference> known = Collections.emptyNavigableMap();

  /// The office whose events are `recorded`. The loop's.
  private Optional<Epoch> office = Optional.empty();

  /// By voter, whether it was told to be wrong. The loop adds; whatever thread answers takes back
  /// what the ledger did not take.
  private final Map<String, Boolean> recorded = new ConcurrentHashMap<>();

  /// @param log engine and name of the log in use
  DivergenceWatch(
      ClusterStore store,
      Consensus consensus,
      Services services,
      CommandPipeline pipeline,
      String log) {
    this.store = store;
    this.consensus = consensus;
    this.services = services;
    this.pipeline = pipeline;
    this.log = log;
  }

  /// Diverged voters, each with the first place of the log at which its state was seen to differ.
  /// Empty at a node that is no voter: it has no state to compare.
  NavigableMap<String, Long> diverged() {
    return places(known);
  }

  private static NavigableMap<String, Long> places(NavigableMap<String, Difference> seen) {
    var places = new TreeMap<String, Long>();
    seen.forEach((voter, difference) -> places.put(voter, difference.place()));
    return places;
  }

  /// @param text what is wrong, for people
  /// @param here whether this voter is the one that is wrong, or may be
  record Alarm(String text, boolean here) {}

  /// Empty when nothing is wrong.
  Optional<Alarm> alarm() {
    var now = known;
    if (now.isEmpty()) {
      return Optional.empty();
    }
    List<String> unsure =
        now.entrySet().stream()
            .filter(seen -> !seen.getValue().wrong())
            .map(Map.Entry::getKey)
            .toList();
    return Optional.of(
        new Alarm(
            "replicas differ: "
                + places(now)
                + (unsure.isEmpty()
                    ? ""
                    : "; it is not known whether " + unsure + " or this voter is wrong")
                + "; see \"replicas differ\" in docs/OPERATING.md",
            !unsure.isEmpty() || now.containsKey(services.self().value())));
  }

  /// Compares all voters. One that does not answer is as it was at the last round, and so is one
  /// that still is, or already is, in another log while the mode of consensus changes: its places
  /// are other places.
  void round() throws InterruptedException {
    List<NodeId> voters = consensus.voters();
    NodeId self = services.self();
    if (!voters.contains(self)) {
      return;
    }
    var told = new HashMap<String, List<StateMark>>();
    Fanout.ask(
            voters.stream().filter(id -> !id.equals(self)).toList(),
            ANSWER,
            id ->
                StateServiceGrpc.newBlockingStub(services.on(id))
                    .getState(GetStateRequest.getDefaultInstance()))
        .answers()
        .forEach(
            (voter, state) -> {
              if (state.getLog().equals(log)) {
                told.put(voter.value(), state.getMarksList());
              }
            });
    told.put(self.value(), store.marks());
    var comparison = new Comparison(self.value(), told, consensus.quorum());
    var before = known;
    known =
        comparison.after(
            before, voters.stream().map(NodeId::value).collect(Collectors.toUnmodifiableSet()));
    log(before);
    pipeline
        .epoch()
        .ifPresent(
            epoch -> {
              record(epoch);
              handOverIfWrong(comparison);
            });
  }

  private void log(NavigableMap<String, Difference> before) {
    known.forEach(
        (voter, difference) -> {
          if (difference.equals(before.get(voter))) {
            return;
          }
          if (difference.wrong()) {
            LOG.error(
                "the state of {} differs from that of most voters at ledger index {}: a fault of"
                    + " disk, memory or program; stop {}, move its state folder away while every"
                    + " other voter is up, and start it again",
                voter,
                difference.place(),
                voter);
          } else {
            LOG.error(
                "the state of {} differs from this voter's at ledger index {}, and too few voters"
                    + " tell theirs to say which is wrong: leave all state folders where they are"
                    + " until more voters are up",
                voter,
                difference.place());
          }
        });
  }

  private void record(Epoch epoch) {
    if (!office.equals(Optional.of(epoch))) {
      office = Optional.of(epoch);
      recorded.clear();
    }
    recorded.keySet().retainAll(known.keySet());
    known.forEach(
        (voter, difference) -> {
          Boolean before = recorded.put(voter, difference.wrong());
          if (before == null || before != difference.wrong()) {
            record(epoch, voter, difference);
          }
        });
  }

  private void record(Epoch epoch, String voter, Difference difference) {
    var event =
        RecordEvent.newBuilder()
            .setKind("STATE_DIVERGED")
            .setSubject(voter)
            .putAttributes("index", Long.toString(difference.place()))
            .putAttributes("wrong", Boolean.toString(difference.wrong()));
    var _ =
        pipeline
            .submit(Command.newBuilder().setRecordEvent(event).build(), epoch.value())
            .whenComplete(
                (_, failure) -> {
                  if (failure != null) {
                    LOG.warn("the next round tells of {} again: {}", voter, failure.getMessage());
                    recorded.remove(voter, difference.wrong());
                  }
                });
  }

  /// To the first voter known to be right that takes the office; when none does, again at the next
  /// round.
  private void handOverIfWrong(Comparison comparison) {
    Difference own = known.get(services.self().value());
    if (own == null || !own.wrong()) {
      return;
    }
    boolean _ =
        comparison.agreeing().stream()
            .filter(voter -> !known.containsKey(voter))
            .anyMatch(this::takesOffice);
  }

  private boolean takesOffice(String right) {
    try {
      LOG.error("most voters contradict this leader's state: {} is to lead", right);
      var _ = consensus.transfer(Optional.of(new NodeId(right)));
      return true;
    } catch (Refusal e) {
      LOG.warn(
          "{} does not take the lead from this leader, whose state is wrong: {}", right, e.text());
      return false;
    }
  }
}
