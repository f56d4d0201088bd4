package io.ringrift.node.cli;

import com.google.protobuf.Duration;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.config.Quantities;
import io.ringrift.selfplay.v1.GetDiversityRequest;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.NodeTarget;
import io.ringrift.selfplay.v1.PlayGamesRequest;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.selfplay.v1.SetModifiersRequest;
import io.ringrift.selfplay.v1.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift selfplay …`
@Command(
    name = "selfplay",
    description = "What is played next and why, and how much of it where.",
    subcommands = {
      SelfplayCommand.Weights.class,
      SelfplayCommand.Targets.class,
      SelfplayCommand.Diversity.class,
      SelfplayCommand.Play.class,
      SelfplayCommand.Change.class
    },
    mixinStandardHelpOptions = true)
final class SelfplayCommand {
  @Command(name = "weights", description = "Priorities with what they are made of.")
  static final class Weights extends Verb {
    @Option(
        names = "--node",
        defaultValue = "",
        description = "Leave out what this node could not play.")
    String node = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetWeightsRequest.newBuilder().setNodeId(node).build();
      var answer = client.call(c -> SelfplayServiceGrpc.newBlockingStub(c).getWeights(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      if (answer.getWeightsCount() == 0) {
        printer.line("nothing is played: the leader's selfplay.configs is empty");
        return ExitCodes.OK;
      }
      printer.table(
          List.of("CONFIG", "MODE", "PRIORITY", "SHARE", "GAMES", "ELO", "TERMS"),
          answer.getWeightsList().stream().map(Weights::row).toList());
      printer.line(
          answer.getEnabled()
              ? "populator: " + answer.getPopulator()
              : "the populator is off: selfplay.enabled is false");
      return ExitCodes.OK;
    }

    private static List<String> row(Weight weight) {
      return List.of(
          weight.getConfigKey(),
          weight.getEngineMode(),
          Integer.toString(weight.getEffectivePriority()),
          weight.getExcluded().isEmpty() ? percent(weight.getShare()) : weight.getExcluded(),
          weight.hasGames() ? Long.toString(weight.getGames()) : "-",
          weight.hasBestElo() ? String.format(Locale.ROOT, "%.0f", weight.getBestElo()) : "-",
          weight.getTermsList().stream()
              .map(
                  term ->
                      term.getName()
                          + (term.getFactor() ? " x" : " ")
                          + String.format(Locale.ROOT, "%.4g", term.getValue()))
              .collect(Collectors.joining(", ")));
    }
  }

  @Command(name = "targets", description = "Self-play jobs that each node should run.")
  static final class Targets extends Verb {
    @Option(names = "--node", defaultValue = "", description = "Only this node.")
    String node = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetTargetsRequest.newBuilder().setNodeId(node).build();
      var answer = client.call(c -> SelfplayServiceGrpc.newBlockingStub(c).getTargets(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("NODE", "JOBS", "CPU ONLY", "NOW", "CAP", "HARDWARE", "CAUSES"),
          answer.getTargetsList().stream().map(Targets::row).toList());
      return ExitCodes.OK;
    }

    private static List<String> row(NodeTarget target) {
      return List.of(
          target.getNodeId(),
          Integer.toString(target.getTotalJobs()),
          Integer.toString(target.getCpuOnlyJobs()),
          Integer.toString(target.getCurrentJobs()),
          Integer.toString(target.getCap()),
          target.getHardware(),
          String.join("; ", target.getCausesList()));
    }
  }

  @Command(name = "diversity", description = "What the newest 1000 self-play items play.")
  static final class Diversity extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var answer =
          client.call(
              c ->
                  SelfplayServiceGrpc.newBlockingStub(c)
                      .getDiversity(GetDiversityRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      var pairs = new ArrayList<List<String>>();
      pairs.add(List.of("items", Integer.toString(answer.getItems())));
      add(pairs, "config ", answer.getGamesByBoardConfigMap());
      add(pairs, "engine ", answer.getGamesByEngineModeMap());
      add(pairs, "difficulty ", answer.getGamesByDifficultyMap());
      pairs.add(List.of("asymmetric", percent(answer.getAsymmetricRatio())));
      printer.pairs(pairs);
      return ExitCodes.OK;
    }

    private static void add(List<List<String>> pairs, String what, Map<String, Long> games) {
      games.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(e -> pairs.add(List.of(what + e.getKey(), e.getValue() + " games")));
    }
  }

  @Command(name = "play", description = "Queues games now, split over the nodes that play.")
  static final class Play extends Verb {
    @Parameters(paramLabel = "CONFIG", description = "Board and players, hex8_2p.")
    String config = "";

    @Option(names = "--games", required = true, description = "Of all nodes together.")
    int games;

    @Option(
        names = "--engine",
        defaultValue = "",
        description = "Engine mode; as configured when not given.")
    String engine = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes a repeat harmless.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          PlayGamesRequest.newBuilder()
              .setRequestId(requestId(requestId))
              .setConfigKey(config)
              .setGames(games)
              .setEngineMode(engine)
              .build();
      var answer = client.call(c -> SelfplayServiceGrpc.newBlockingStub(c).playGames(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("WORK", "GAMES"),
          answer.getSharesList().stream()
              .map(share -> List.of(share.getWorkId(), Integer.toString(share.getGames())))
              .toList());
      printer.line(
          "%d games of %s, engine %s, are queued as %d items; follow them with: queue list"
              .formatted(
                  answer.getGames(),
                  answer.getConfigKey(),
                  answer.getEngineMode(),
                  answer.getSharesCount()));
      return ExitCodes.OK;
    }
  }

  @Command(name = "set", description = "Sets the rate or an exploration boost of a configuration.")
  static final class Change extends Verb {
    @Parameters(paramLabel = "CONFIG", description = "Board and players, hex8_2p.")
    String config = "";

    @Option(names = "--rate", description = "0 to 10; 1 is neutral. Holds until set again.")
    Optional<Double> rate = Optional.empty();

    @Option(names = "--explore", paramLabel = "FACTOR", description = "0.1 to 10.")
    Optional<Double> explore = Optional.empty();

    @Option(
        names = "--for",
        defaultValue = "15m",
        description = "How long the boost lasts (${DEFAULT-VALUE}).")
    String lasts = "15m";

    @Option(names = "--reason", defaultValue = "", description = "Why, for the events.")
    String reason = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes a repeat harmless.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          SetModifiersRequest.newBuilder()
              .setRequestId(requestId(requestId))
              .setConfigKey(config)
              .setReason(reason)
              .setExplorationDuration(
                  Duration.newBuilder()
                      .setSeconds(Quantities.duration("--for", lasts).toSeconds()));
      rate.ifPresent(request::setRate);
      explore.ifPresent(request::setExplorationBoost);
      var answer =
          client.call(c -> SelfplayServiceGrpc.newBlockingStub(c).setModifiers(request.build()));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.pairs(
            List.of(
                List.of("config", answer.getConfigKey()),
                List.of("rate", Double.toString(answer.getRate())),
                List.of(
                    "exploration boost",
                    answer.getExplorationBoost()
                        + " for "
                        + Printer.seconds(answer.getExplorationRemaining()))));
      }
      return ExitCodes.OK;
    }
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private SelfplayCommand() {}
}
