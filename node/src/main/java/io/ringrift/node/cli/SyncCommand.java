package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.sync.v1.Conflict;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FailingTarget;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.PlanSyncResponse;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.SyncPlan;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringrift sync …`
@Command(
    name = "sync",
    description = "Data: plan, move, verify.",
    subcommands = {
      SyncCommand.Plan.class,
      SyncCommand.Run.class,
      SyncCommand.Status.class,
      SyncCommand.Files.class,
      SyncVerifyCommand.class,
      SyncCopiesCommand.class,
      SyncGcCommand.class
    },
    mixinStandardHelpOptions = true)
final class SyncCommand {
  /// Moving and hashing files takes longer than other calls.
  private static final long LONG_CALL_MINUTES = 30;

  private static final int MOST_MODELS = 50;

  @Command(
      name = "plan",
      description = "What would move: exit 0 nothing, 1 something, 255 no plan could be made.",
      exitCodeOnExecutionException = 255)
  static final class Plan extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var page = page(client, "");
      var plan = page.toBuilder();
      while (!page.getNextPageToken().isEmpty()) {
        page = page(client, page.getNextPageToken());
        plan.addAllTransfers(page.getTransfersList())
            .addAllConflicts(page.getConflictsList())
            .setNextPageToken(page.getNextPageToken());
      }
      if (connection.json()) {
        printer.json(PlanSyncResponse.newBuilder().setPlan(plan).build());
      } else {
        printPlan(plan.build(), printer);
      }
      return plan.getTransfersCount() == 0 ? 0 : 1;
    }

    private static SyncPlan page(ClusterClient client, String token) {
      var request = PlanSyncRequest.newBuilder().setPageToken(token).build();
      return client.call(c -> SyncServiceGrpc.newBlockingStub(c).planSync(request)).getPlan();
    }
  }

  @Command(name = "run", description = "Moves what is missing and verifies it.")
  static final class Run extends Verb {
    @Option(names = "--no-wait", description = "Return when it began.")
    boolean noWait;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          RunSyncRequest.newBuilder().setRequestId(requestId("")).setWait(!noWait).build();
      var answer =
          client.call(
              c ->
                  SyncServiceGrpc.newBlockingStub(c)
                      .withDeadlineAfter(LONG_CALL_MINUTES, TimeUnit.MINUTES)
                      .runSync(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printPlan(answer.getPlan(), printer);
        printer.line(
            answer.getFilesCompleted()
                + " files, "
                + Printer.bytes(answer.getBytesTransferred())
                + " arrived and verified");
        printFailed(answer.getFailedList(), printer);
        if (answer.getFilesFailed() > answer.getFailedCount()) {
          printer.line("failed in all: " + answer.getFilesFailed());
        }
      }
      return answer.getSuccess() || noWait ? ExitCodes.OK : ExitCodes.FAILED;
    }
  }

  @Command(name = "status", description = "State of the sync workflow.")
  static final class Status extends Verb {
    @Override
    int run(ClusterClient client, Printer printer) {
      var answer =
          client.call(
              c ->
                  SyncServiceGrpc.newBlockingStub(c)
                      .getSyncStatus(GetSyncStatusRequest.getDefaultInstance()));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      var pairs = new ArrayList<List<String>>();
      pairs.add(List.of("node", answer.getNodeId() + (answer.getIsLeader() ? " (leader)" : "")));
      pairs.add(List.of("state", answer.getState()));
      pairs.add(
          List.of(
              "last sync",
              answer.hasLastSyncAge() ? Printer.seconds(answer.getLastSyncAge()) + " ago" : "-"));
      pairs.add(
          List.of(
              "unfinished",
              answer.getPartialFiles() + " files, " + Printer.bytes(answer.getPartialBytes())));
      answer.getCountersMap().forEach((name, value) -> pairs.add(List.of(name, value.toString())));
      printer.pairs(pairs);
      answer.getFailingTargetsList().forEach(t -> printer.line(failing(t)));
      answer
          .getCorruptSourcesList()
          .forEach(
              c ->
                  printer.line(
                      "damaged: " + c.getDetail() + ", " + Printer.seconds(c.getAge()) + " ago"));
      return ExitCodes.OK;
    }

    static String failing(FailingTarget target) {
      return "failing: "
          + (target.getFiles() == 0 ? "everything" : target.getFiles() + " files")
          + " to "
          + target.getNodeId()
          + " ("
          + target.getSyncType()
          + ") for "
          + Printer.seconds(target.getFailingFor())
          + ", "
          + (target.hasRestsFor()
              ? "tried again in " + Printer.seconds(target.getRestsFor())
              : "being tried")
          + ": "
          + target.getReason()
          + " "
          + target.getDetail();
    }
  }

  @Command(name = "files", description = "Files of all nodes, with their hashes and holders.")
  static final class Files extends Verb {
    private static final int MOST_BYTES = 64 << 20;

    @Option(
        names = "--type",
        defaultValue = "",
        description = "Only selfplay, model, training or games.")
    String type = "";

    @Option(names = "--config-key", defaultValue = "", description = "Only this, such as hex8_2p.")
    String configKey = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ListClusterFilesRequest.newBuilder().setFileType(type).setConfigKey(configKey).build();
      var answer =
          client.call(
              c ->
                  SyncServiceGrpc.newBlockingStub(c)
                      .withMaxInboundMessageSize(MOST_BYTES)
                      .withDeadlineAfter(LONG_CALL_MINUTES, TimeUnit.MINUTES)
                      .listClusterFiles(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("PATH", "SIZE", "SHA256", "NODES"),
          answer.getFilesList().stream()
              .map(
                  f ->
                      List.of(
                          f.getEntry().getPath(),
                          Printer.bytes(f.getEntry().getSizeBytes()),
                          f.getEntry().getSha256(),
                          String.join(",", f.getNodeIdsList())))
              .toList());
      answer.getMissingNodeIdsList().forEach(n -> printer.line("no manifest from " + n));
      return ExitCodes.OK;
    }
  }

  private static void printPlan(SyncPlan plan, Printer printer) {
    if (plan.getTransfersCount() == 0) {
      printer.line("nothing to move");
    } else {
      printer.table(
          List.of("FROM", "TO", "FILES", "SIZE"),
          plan.getTransfersList().stream()
              .map(
                  t ->
                      List.of(
                          t.getSourceNodeId(),
                          t.getTargetNodeId(),
                          Integer.toString(t.getFilesCount()),
                          Printer.bytes(t.getTotalBytes())))
              .toList());
    }
    printModels(plan, printer);
    plan.getConflictsList().forEach(c -> printer.line(conflict(c)));
    if (!plan.getNextPageToken().isEmpty()) {
      printer.line(
          "of "
              + plan.getTotalTransfers()
              + " transfers and "
              + plan.getTotalConflicts()
              + " conflicts these are the first");
    }
    plan.getMissingNodeIdsList().forEach(n -> printer.line("no manifest from " + n));
  }

  static String conflict(Conflict conflict) {
    return "conflict: " + conflict.getPath() + " differs: " + conflict.getHoldersMap();
  }

  /// Who waits for a new model wants to see it among many games.
  private static void printModels(SyncPlan plan, Printer printer) {
    plan.getTransfersList().stream()
        .flatMap(
            t ->
                t.getFilesList().stream()
                    .filter(file -> file.getFileType().equals("model"))
                    .map(file -> "model: " + file.getPath() + " to " + t.getTargetNodeId()))
        .limit(MOST_MODELS)
        .forEach(printer::line);
  }

  private static void printFailed(List<FailedFile> failed, Printer printer) {
    failed.forEach(
        f ->
            printer.line(
                "failed: "
                    + f.getPath()
                    + " from "
                    + f.getSourceNodeId()
                    + " to "
                    + f.getTargetNodeId()
                    + ": "
                    + f.getReason()
                    + " "
                    + f.getDetail()));
  }

  private SyncCommand() {}
}
