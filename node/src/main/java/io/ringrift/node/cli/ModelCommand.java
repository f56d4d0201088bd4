package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.GateProgress;
import io.ringrift.training.v1.GetLineageRequest;
import io.ringrift.training.v1.GetLineageResponse;
import io.ringrift.training.v1.JudgeModelRequest;
import io.ringrift.training.v1.LineageStep;
import io.ringrift.training.v1.ListGatesRequest;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListPromotionsRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.PromoteModelRequest;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.RollBackModelRequest;
import io.ringrift.training.v1.TrainingRun;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift model …`
@Command(
    name = "model",
    description = "Models, their gates, and which one is in office.",
    subcommands = {
      ModelCommand.Models.class,
      ModelCommand.Gates.class,
      ModelCommand.History.class,
      ModelCommand.ShowLineage.class,
      ModelCommand.Judge.class,
      ModelCommand.Promote.class,
      ModelCommand.RollBack.class
    },
    mixinStandardHelpOptions = true)
final class ModelCommand {
  @Command(name = "list", description = "Models, newest first.")
  static final class Models extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Option(names = "--before", defaultValue = "0", description = "Older rows, as a list told.")
    long before;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ListModelsRequest.newBuilder()
              .setConfigKey(config)
              .setLimit(limit)
              .setBeforeSequence(before)
              .build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).listModels(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("MODEL", "CONFIG", "STATE", "PARENT", "RUN", "MADE", "PATH"),
          answer.getModelsList().stream().map(Models::row).toList());
      if (answer.getNextBefore() != 0) {
        printer.line("more with --before " + answer.getNextBefore());
      }
      return ExitCodes.OK;
    }

    private static List<String> row(Model model) {
      return List.of(
          model.getModelId(),
          model.getConfigKey(),
          Printer.state(model.getState()),
          Printer.orDash(model.getParentModelId()),
          model.getTrainingId(),
          Printer.time(model.getCreateTime()),
          model.getPath());
    }
  }

  @Command(name = "gates", description = "Gates and how far they are, newest first.")
  static final class Gates extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ListGatesRequest.newBuilder().setConfigKey(config).setLimit(limit).build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).listGates(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("GATE", "CANDIDATE", "AGAINST", "STATE", "PAIRS", "EXPECTED", "SHARE", "VERDICT"),
          answer.getGatesList().stream().map(Gates::row).toList());
      return ExitCodes.OK;
    }

    private static List<String> row(GateProgress progress) {
      Gate gate = progress.getGate();
      return List.of(
          gate.getGateId(),
          gate.getCandidateId(),
          against(gate.getBaselineId()),
          Printer.state(gate.getState()),
          Integer.toString(progress.getPairs()),
          String.format(Locale.ROOT, "%.0f", progress.getExpectedPairs()),
          String.format(
              Locale.ROOT,
              "%.1f %% [%.1f, %.1f]",
              100 * progress.getShare(),
              100 * progress.getLow(),
              100 * progress.getHigh()),
          Printer.orDash(gate.getVerdict()));
    }
  }

  @Command(name = "history", description = "Who was in office when, newest first.")
  static final class History extends Verb {
    @Option(names = "--config", defaultValue = "", description = "Only this configuration.")
    String config = "";

    @Option(names = "--limit", defaultValue = "50", description = "Most lines.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ListPromotionsRequest.newBuilder().setConfigKey(config).setLimit(limit).build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).listPromotions(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        answer
            .getPromotionsList()
            .forEach(change -> printer.line(change.getConfigKey() + "  " + line(change)));
      }
      return ExitCodes.OK;
    }
  }

  private static String against(String modelId) {
    return modelId.isEmpty() ? "untrained" : modelId;
  }

  @Command(
      name = "lineage",
      description =
          "Games, runs, gates and promotions behind a model; or what came of a game file.")
  static final class ShowLineage extends Verb {
    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "Id or the beginning of it.")
    String model = "";

    @Option(names = "--file", defaultValue = "", description = "A game file, by path or SHA-256.")
    String file = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = GetLineageRequest.newBuilder().setModelId(model).setFile(file).build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).getLineage(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        print(answer, printer);
      }
      return ExitCodes.OK;
    }
  }

  /// One paragraph a model, newest first.
  static void print(GetLineageResponse lineage, Printer printer) {
    for (LineageStep step : lineage.getStepsList()) {
      Model model = step.getModel();
      printer.line(model.getModelId() + "  " + Printer.state(model.getState()));
      printer.line("  file      " + model.getPath() + "  sha256 " + model.getSha256());
      if (step.hasTraining()) {
        TrainingRun run = step.getTraining();
        printer.line(
            "  run       %s, seed %d, %s"
                .formatted(run.getTrainingId(), run.getSeed(), run.getParamsMap()));
        printer.line(
            "  games     %d in %d files, digest %s"
                .formatted(run.getGames(), run.getFilesCount(), run.getDataDigest()));
      }
      step.getGatesList().forEach(gate -> printer.line("  gate      " + gate(gate)));
      step.getPromotionsList().forEach(change -> printer.line("  office    " + line(change)));
      printer.line("  parent    " + against(model.getParentModelId()));
    }
    lineage
        .getDescendantsList()
        .forEach(model -> printer.line("trained on from it: " + model.getModelId()));
    if (lineage.getStepsCount() == 0) {
      printer.line("no model learned from it");
    }
  }

  private static String gate(Gate gate) {
    return "%s against %s: %s, %s"
        .formatted(
            gate.getGateId(),
            against(gate.getBaselineId()),
            Printer.state(gate.getState()),
            gate.getVerdict());
  }

  static String line(Promotion change) {
    return "%s in place of %s, epoch %d, by %s, %s"
        .formatted(
            against(change.getModelId()),
            against(change.getPreviousModelId()),
            change.getEpoch(),
            change.getCause().name().replace("PROMOTION_CAUSE_", "").toLowerCase(Locale.ROOT),
            Printer.time(change.getTime()));
  }

  private static int told(Verb verb, Promotion promotion, Printer printer) {
    if (verb.connection.json()) {
      printer.json(promotion);
    } else {
      printer.line(line(promotion));
    }
    return ExitCodes.OK;
  }

  @Command(name = "judge", description = "Opens a gate for a candidate whose last one was held.")
  static final class Judge extends Verb {
    @Parameters(paramLabel = "MODEL", description = "Its id.")
    String model = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          JudgeModelRequest.newBuilder()
              .setModelId(model)
              .setRequestId(requestId(requestId))
              .build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).judgeModel(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line(answer.getGate().getGateId() + " is open; follow it with: model gates");
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "promote", description = "Puts a model into office without a gate.")
  static final class Promote extends Verb {
    @Parameters(paramLabel = "MODEL", description = "Its id.")
    String model = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          PromoteModelRequest.newBuilder()
              .setModelId(model)
              .setRequestId(requestId(requestId))
              .build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).promoteModel(request));
      return told(this, answer.getPromotion(), printer);
    }
  }

  @Command(name = "rollback", description = "Puts the model back into office that was before.")
  static final class RollBack extends Verb {
    @Parameters(paramLabel = "CONFIG", description = "Board and players, hex5_2p.")
    String config = "";

    @Option(names = "--from", defaultValue = "", description = "Only if this model is in office.")
    String from = "";

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          RollBackModelRequest.newBuilder()
              .setConfigKey(config)
              .setModelId(from)
              .setRequestId(requestId(requestId))
              .build();
      var answer = client.call(c -> ModelServiceGrpc.newBlockingStub(c).rollBackModel(request));
      return told(this, answer.getPromotion(), printer);
    }
  }
}
