package io.ringrift.managers.selfplay;

import io.grpc.StatusRuntimeException;
import io.ringrift.managers.EngineModes;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.Weights.Scored;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The weights of the configurations that are played, out of what is known at this node. Blocks on
/// RPC at this node; safe for any thread.
final class Scores {
  private static final Logger LOG = LoggerFactory.getLogger(Scores.class);
  private static final long DEADLINE_SECONDS = 5;

  private final Services services;
  private final Supplier<SelfplayConfig> config;
  private final EventFeed feed;
  private final GameCounts games;

  Scores(Services services, Supplier<SelfplayConfig> config, EventFeed feed, GameCounts games) {
    this.services = services;
    this.config = config;
    this.feed = feed;
    this.games = games;
  }

  /// @param entries what the priority table says of it, scored
  record OfConfig(ConfigKey config, Weights.Signals signals, List<Scored> entries) {}

  /// In the order of the configuration.
  List<OfConfig> read() {
    var counts = games.byConfig();
    var set = config.get();
    var all = new ArrayList<OfConfig>();
    for (ConfigKey one : set.configs()) {
      var held = counts.map(by -> by.getOrDefault(one.toString(), 0L));
      var signals =
          new Weights.Signals(
              set.curriculum().getOrDefault(one, 1.0),
              set.boards().getOrDefault(one, 3),
              bestElo(one),
              held.isPresent() ? OptionalLong.of(held.get()) : OptionalLong.empty(),
              feed.of(one));
      var entries =
          PriorityTable.of(one).stream().map(entry -> Weights.score(entry, signals)).toList();
      all.add(new OfConfig(one, signals, entries));
    }
    return all;
  }

  private OptionalDouble bestElo(ConfigKey one) {
    try {
      return RatingServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .getLadder(GetLadderRequest.newBuilder().setConfigKey(one.toString()).build())
          .getRungsList()
          .stream()
          .filter(rung -> EngineModes.learns(rung.getParticipant()))
          .mapToDouble(Rung::getElo)
          .max();
    } catch (StatusRuntimeException e) {
      LOG.info("no ladder of {} for its weight: {}", one, e.getStatus());
      return OptionalDouble.empty();
    }
  }

  /// Greatest effective priority of a configuration.
  static int greatest(OfConfig scored) {
    return scored.entries().stream().mapToInt(Scored::effective).max().orElse(1);
  }

  /// Why an entry is not to be drawn for a cluster of these nodes; empty when it is.
  Optional<String> obstacle(Scored scored, Claimants nodes, long gamesExpected) {
    var set = config.get();
    if (gamesExpected >= set.depths().games()) {
      return Optional.of("TARGET_MET");
    }
    if (!nodes.anyHas(set.nodes().memoryBytes(scored.entry().config().board()))) {
      return Optional.of(EngineNeeds.LOW_MEMORY);
    }
    boolean byTable = set.items().engine().equals(SelfplayConfig.TABLE);
    String mode = scored.entry().mode();
    String workload = GameItems.Route.byProgram(set.items(), mode).workload();
    return byTable && EngineModes.requiresGpu(mode) && !nodes.gpuPlays(workload)
        ? Optional.of(EngineNeeds.NEEDS_GPU)
        : Optional.empty();
  }
}
