package io.ringrift.managers.training;

import io.grpc.BindableService;
import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Learning (SPEC 5.6): TrainingService and ModelService on every node, and on the leader the loops
/// that begin runs, hand out the games of gates and of the ladder, and bring in what came of them.
/// What is decided is decided by the ledger.
public final class TrainingCoordinator implements Manager {
  private final Consensus consensus;
  private final Supplier<TrainingConfig> config;
  private final LearningClient client;
  private final TrainingLoop training;
  private final GateLoop gates;
  private final RatingLoop ratings;
  private final TournamentLoop tournaments;
  private final List<BindableService> services;

  /// @param config what is configured now, any thread; the gap between rounds is that of the start
  /// @param chance random numbers for ids and seeds; any thread
  public TrainingCoordinator(
      Consensus consensus,
      Membership membership,
      Services services,
      Supplier<TrainingConfig> config,
      Ticker ticker,
      LongSupplier chance) {
    this.consensus = consensus;
    this.config = config;
    this.client = new LearningClient(services);
    this.training = new TrainingLoop(client, config, ticker, chance);
    this.gates = new GateLoop(client, () -> config.get().gate(), chance);
    this.ratings = new RatingLoop(client, () -> config.get().gate());
    this.tournaments = new TournamentLoop(client);
    var hint = new LeaderHint(consensus, membership);
    this.services =
        List.of(
            new TrainingRpc(client, training, config, hint),
            new ModelRpc(client, gates, hint),
            new TournamentRpc(client, () -> config.get().gate(), hint, chance));
  }

  @Override
  public List<BindableService> services() {
    return services;
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        loop("training", training::round, training::counters),
        loop("validation", gates::round, gates::counters),
        loop("rating_games", ratings::round, ratings::counters),
        loop("tournaments", tournaments::round, tournaments::counters));
  }

  private LoopSpec loop(String name, Round round, LoopSpec.Counters counters) {
    return new LoopSpec(
        name,
        config.get().interval(),
        config.get().interval(),
        true,
        List.of("manifest_collection"),
        round::run,
        counters);
  }

  /// One round with the leader's epoch.
  private interface Round {
    void run(Optional<Epoch> epoch);
  }

  /// File of the model in office; empty when there is none, which is the untrained network. Blocks
  /// on a read of this node's state.
  public Optional<InputFile> modelInOffice(String configKey) {
    return Office.of(
            client.learning(
                ReadLearningRequest.newBuilder().setConfigKey(configKey).setOfficeOnly(true)),
            configKey)
        .map(model -> LearningClient.input(model.getPath(), model.getSha256()));
  }

  /// Games of each configuration since its last completed run began; of those that are not trained,
  /// all. Blocks on a read of this node's state.
  ///
  /// @param totals games by configuration
  public Map<String, Long> sinceLastRun(Map<String, Long> totals) {
    var since = new TreeMap<>(totals);
    for (String configKey : config.get().configs()) {
      long before =
          client
              .learning(ReadLearningRequest.newBuilder().setConfigKey(configKey))
              .getRunsList()
              .stream()
              .filter(run -> run.getState() == TrainingState.TRAINING_STATE_COMPLETE)
              .findFirst()
              .map(TrainingRun::getTotalGames)
              .orElse(0L);
      since.computeIfPresent(configKey, (_, games) -> Math.max(0, games - before));
    }
    return since;
  }

  @Override
  public String name() {
    return "TrainingCoordinator";
  }

  @Override
  public Health health() {
    var counts = training.counters();
    Map<String, String> details = new TreeMap<>();
    counts.forEach((name, count) -> details.put(name, count.toString()));
    training.runs().forEach((name, count) -> details.put(name, count.toString()));
    details.put("configs", String.join(",", config.get().configs()));
    // Runs end at the leader alone; elsewhere the share would stay what it once was.
    boolean leads = consensus.leadsNow(consensus.leadership().epoch());
    var health = leads ? training.health(details) : Health.running(details);
    String lack = leads ? training.lack() : "";
    return lack.isEmpty() || health.status() != Health.Status.RUNNING
        ? health
        : Health.degraded(lack, details);
  }

  @Override
  public void close() {
    // It opens nothing; its loops end with the others.
  }
}
