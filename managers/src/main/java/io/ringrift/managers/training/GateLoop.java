package io.ringrift.managers.training;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddGateResult;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.HoldGate;
import io.ringrift.state.v1.OpenGate;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GatePolicy;
import io.ringrift.training.v1.GateState;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens gates for candidates, hands their games out and brings the results in (SPEC 6,
/// validation). The ledger judges.
final class GateLoop {
  /// The untrained network, to whoever plays it.
  static final String UNTRAINED = "untrained";

  private static final Logger LOG = LoggerFactory.getLogger(GateLoop.class);
  private static final String OPENINGS = "openings_total";
  private static final int PRIORITY = 90;
  private static final int MOST_OPENINGS = 100_000;

  private final LearningClient client;
  private final Supplier<TrainingConfig.Gauntlets> gauntlets;
  private final LongSupplier chance;
  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong held = new AtomicLong();
  private final Rounds rounds = new Rounds();

  /// @param gauntlets asked anew for every decision; an open gate keeps its policy and its chunks
  /// @param chance a random number for ids and seeds
  GateLoop(
      LearningClient client, Supplier<TrainingConfig.Gauntlets> gauntlets, LongSupplier chance) {
    this.client = client;
    this.gauntlets = gauntlets;
    this.chance = chance;
  }

  Map<String, Long> counters() {
    return Map.of(
        "queued", queued.get(),
        "gates_passed", passed.get(),
        "gates_failed", failed.get(),
        "gates_held", held.get(),
        "steps_refused", rounds.refused());
  }

  void round(Optional<Epoch> epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    var learning = client.learning(ReadLearningRequest.newBuilder());
    rounds.each(
        learning.getGatesList().stream()
            .filter(gate -> gate.getState() == GateState.GATE_STATE_OPEN)
            .toList(),
        gate -> advance(epoch.get(), gate, learning));
    rounds.each(over(learning), gate -> cancel(epoch.get(), itemsOf(gate)));
    rounds.each(
        learning.getModelsList().stream()
            .sorted(Comparator.comparingLong(Model::getSequence))
            .filter(model -> model.getState() == ModelState.MODEL_STATE_CANDIDATE)
            .filter(model -> wantsGate(model, learning))
            .toList(),
        model -> openUnlessBusy(epoch.get(), model));
  }

  private List<WorkItem> itemsOf(Gate gate) {
    return client.items(GateSteps.prefix(gate));
  }

  /// The newest gate of a configuration, when it is decided: another model took office, or the
  /// leader that brought the last result in ended before it cancelled what was left.
  private static List<Gate> over(ReadLearningResponse learning) {
    var seen = new HashSet<String>();
    return learning.getGatesList().stream()
        .filter(gate -> seen.add(gate.getConfigKey()))
        .filter(gate -> gate.getState() != GateState.GATE_STATE_OPEN)
        .toList();
  }

  /// Candidates without a gate have one opened, unless another of their configuration is under way;
  /// so have those that were overtaken. A gate that was held waits for an operator.
  private static boolean wantsGate(Model model, ReadLearningResponse learning) {
    boolean busy =
        learning.getGatesList().stream()
            .anyMatch(
                gate ->
                    gate.getState() == GateState.GATE_STATE_OPEN
                        && gate.getConfigKey().equals(model.getConfigKey()));
    boolean held =
        learning.getGatesList().stream()
            .filter(gate -> gate.getGateId().equals(model.getGateId()))
            .anyMatch(gate -> gate.getState() == GateState.GATE_STATE_HELD);
    return !busy && !held;
  }

  private void openUnlessBusy(Epoch epoch, Model model) {
    try {
      var _ = open(epoch, model.getModelId(), model.getConfigKey(), Command.newBuilder());
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.GATE_REFUSED) {
        throw refusal;
      }
      LOG.debug("no gate for {} yet: {}", model.getModelId(), refusal.text());
    }
  }

  /// Opens a gate for a candidate, by hand after one that was held. Repeated under its request id
  /// it is the same gate.
  ///
  /// @throws Refusal GATE_REFUSED or MODEL_NOT_FOUND
  CommandResult open(Epoch epoch, String modelId, String configKey, Command.Builder command) {
    var set = gauntlets.get();
    var gate =
        Gate.newBuilder()
            .setGateId("gate-%s-%08x".formatted(configKey, chance.getAsLong() & 0xffffffffL))
            .setCandidateId(modelId)
            .setPolicy(set.policy())
            .setSeed(chance.getAsLong() >>> 1)
            .setPairsPerChunk(set.pairsPerChunk())
            .setOpeningsTotal(openings(set.policy(), set));
    return client.apply(epoch, command.setOpenGate(OpenGate.newBuilder().setGate(gate)));
  }

  private void advance(Epoch epoch, Gate gate, ReadLearningResponse learning) {
    List<WorkItem> items = itemsOf(gate);
    for (GateSteps.Step step : steps(gate, items, learning)) {
      boolean over =
          switch (step) {
            case GateSteps.Step.Submit(int chunk) -> {
              client.submit(epoch, GateSteps.workId(gate, chunk), work(gate, chunk, learning));
              queued.incrementAndGet();
              yield false;
            }
            case GateSteps.Step.Add(var chunk) ->
                decided(
                    client.apply(
                        epoch,
                        Command.newBuilder()
                            .setAddGateResult(
                                AddGateResult.newBuilder()
                                    .setGateId(gate.getGateId())
                                    .setChunk(chunk))));
            case GateSteps.Step.Hold(String cause) ->
                decided(
                    client.apply(
                        epoch,
                        Command.newBuilder()
                            .setHoldGate(
                                HoldGate.newBuilder()
                                    .setGateId(gate.getGateId())
                                    .setCause(cause))));
          };
      if (over) {
        cancel(epoch, items);
        return;
      }
    }
  }

  private List<GateSteps.Step> steps(
      Gate gate, List<WorkItem> items, ReadLearningResponse learning) {
    return GateSteps.withoutModel(gate, id -> Office.model(learning, id).isPresent())
        .map(List::of)
        .orElseGet(() -> GateSteps.next(gate, items, gauntlets.get().chunksAtOnce()));
  }

  private boolean decided(CommandResult result) {
    Gate gate = result.getGate();
    if (gate.getState() == GateState.GATE_STATE_OPEN) {
      return false;
    }
    LOG.info("{} of {}: {}", gate.getState(), gate.getCandidateId(), gate.getVerdict());
    switch (gate.getState()) {
      case GATE_STATE_PASSED -> passed.incrementAndGet();
      case GATE_STATE_FAILED -> failed.incrementAndGet();
      case GATE_STATE_HELD -> held.incrementAndGet();
      case GATE_STATE_OVERTAKEN, GATE_STATE_OPEN, GATE_STATE_UNSPECIFIED, UNRECOGNIZED -> {}
    }
    return true;
  }

  /// Games that nobody waits for any longer.
  private void cancel(Epoch epoch, List<WorkItem> items) {
    items.stream().filter(Items::open).forEach(item -> client.cancel(epoch, item.getWorkId()));
  }

  private WorkSpec work(Gate gate, int chunk, ReadLearningResponse learning) {
    var set = gauntlets.get();
    int openings =
        gate.getOpeningsTotal() > 0 ? gate.getOpeningsTotal() : openings(gate.getPolicy(), set);
    return game(
        set,
        gate.getConfigKey(),
        new Pairing(
            Office.model(learning, gate.getCandidateId()).orElseThrow(),
            Office.model(learning, gate.getBaselineId()),
            gate.getSeed(),
            gate.getPairsPerChunk(),
            chunk * gate.getPairsPerChunk(),
            openings),
        PRIORITY);
  }

  /// So many that pairs which break do not use them up.
  private static int openings(GatePolicy policy, TrainingConfig.Gauntlets set) {
    int pairs =
        switch (policy.getRuleCase()) {
          case FIXED -> policy.getFixed().getPairs();
          case INTERVAL -> policy.getInterval().getPairs();
          case SEQUENTIAL -> policy.getSequential().getMostPairs();
          case RULE_NOT_SET -> 0;
        };
    return Math.min(MOST_OPENINGS, 2 * pairs + set.pairsPerChunk() * set.chunksAtOnce());
  }

  /// Who meets whom.
  ///
  /// @param other the untrained network when empty
  /// @param skip openings of the seed that others play
  /// @param openings of the seed in all
  record Pairing(
      Model candidate, Optional<Model> other, long seed, int pairs, int skip, int openings) {}

  static WorkSpec game(
      TrainingConfig.Gauntlets gauntlets, String configKey, Pairing pairing, int priority) {
    var job =
        LearningClient.job(configKey, gauntlets.workload(), pairing.seed())
            .setNumGames(2 * pairing.pairs())
            .putAllParams(gauntlets.params())
            .putParams("skip_openings", Integer.toString(pairing.skip()))
            .putParams(OPENINGS, Integer.toString(pairing.openings()))
            .putParams("a", pairing.candidate().getPath())
            .putParams("b", pairing.other().map(Model::getPath).orElse(UNTRAINED));
    Stream.concat(Stream.of(pairing.candidate()), pairing.other().stream())
        .forEach(model -> job.addInputs(LearningClient.input(model.getPath(), model.getSha256())));
    return Items.spec("gauntlet", job, priority, gauntlets.timeout());
  }
}
