package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.training.v1.DispatchTrainingRequest;
import io.ringrift.training.v1.ExplainTrainingRequest;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.Readiness;
import io.ringrift.training.v1.ReadinessTerm;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift training …`
@Command(
    name = "training",
    description = "Training runs: which games were learned from, and what came of it.",
    subcommands = {
      TrainingCommand.Runs.class,
      TrainingCommand.Status.class,
      TrainingCommand.Dispatch.class
    },
    mixinStandardHelpOptions = true)
final class TrainingCommand {
  @Command(name = "list", description = "Runs, newest first.")
  static final class Runs extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Option(names = "--files", description = "With the game files of each (JSON).")
    boolean files;

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Option(names = "--before", defaultValue = "0", description = "Older rows, as a list told.")
    long before;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ListTrainingsRequest.newBuilder()
              .setConfigKey(config)
              .setLimit(limit)
              .setBeforeSequence(before)
              .setWithFiles(files)
              .build();
      var answer = client.call(c -> TrainingServiceGrpc.newBlockingStub(c).listTrainings(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("RUN", "CONFIG", "STATE", "GAMES", "PARENT", "MODEL", "BEGAN", "ERROR"),
          answer.getRunsList().stream().map(Runs::row).toList());
      if (answer.getNextBefore() != 0) {
        printer.line("more with --before " + answer.getNextBefore());
      }
      return ExitCodes.OK;
    }

    private static List<String> row(TrainingRun run) {
      return List.of(
          run.getTrainingId(),
          run.getConfigKey(),
          Printer.state(run.getState()),
          Long.toString(run.getGames()),
          Printer.orDash(run.getParentModelId()),
          Printer.orDash(run.getModelId()),
          Printer.time(run.getCreateTime()),
          Printer.orDash(run.getError()));
    }
  }

  @Command(name = "status", description = "Why configurations are trained now, or not.")
  static final class Status extends Verb {
    @Parameters(paramLabel = "CONFIG", arity = "0..1", description = "Only this one.")
    String config = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ExplainTrainingRequest.newBuilder().setConfigKey(config).build();
      var answer =
          client.call(c -> TrainingServiceGrpc.newBlockingStub(c).explainTraining(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("CONFIG", "TERM", "MET", "IS", "WANTED"),
          answer.getReadinessList().stream().flatMap(Status::rows).toList());
      return ExitCodes.OK;
    }

    private static Stream<List<String>> rows(Readiness one) {
      return one.getTermsList().stream().map(term -> row(one, term));
    }

    private static List<String> row(Readiness one, ReadinessTerm term) {
      return List.of(
          one.getConfigKey(),
          term.getName(),
          term.getMet() ? "yes" : "NO",
          term.getActual(),
          Printer.orDash(term.getWanted()));
    }
  }

  @Command(name = "dispatch", description = "Begins a run now, whatever the thresholds say.")
  static final class Dispatch extends Verb {
    @Parameters(paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          DispatchTrainingRequest.newBuilder()
              .setConfigKey(config)
              .setRequestId(requestId(requestId))
              .build();
      var answer =
          client.call(c -> TrainingServiceGrpc.newBlockingStub(c).dispatchTraining(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line(
            answer.getRun().getTrainingId()
                + " learns from "
                + answer.getRun().getGames()
                + " games; follow it with: ringrift queue explain "
                + answer.getRun().getTrainingId());
      }
      return ExitCodes.OK;
    }
  }
}
