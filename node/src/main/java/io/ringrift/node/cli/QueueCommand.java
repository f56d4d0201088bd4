package io.ringrift.node.cli;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.ExplainWorkRequest;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.RequeueWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift queue …`
@Command(
    name = "queue",
    description = "The work queue: submit, list, explain, dead letters.",
    subcommands = {
      QueueCommand.Submit.class,
      QueueCommand.ListWork.class,
      QueueCommand.Explain.class,
      QueueCommand.Cancel.class,
      QueueCommand.Requeue.class,
      QueueCommand.Dead.class
    },
    mixinStandardHelpOptions = true)
final class QueueCommand {
  @Command(name = "submit", description = "Adds work that any capable node may claim.")
  static final class Submit extends Verb {
    @Mixin JobCommand.SpecOptions options = new JobCommand.SpecOptions();

    @Option(names = "--type", defaultValue = "selfplay", description = "Work type.")
    String type = "";

    @Option(names = "--priority", defaultValue = "50", description = "0..100, greater first.")
    int priority = 50;

    @Option(names = "--max-attempts", defaultValue = "3", description = "Tries.")
    int maxAttempts = 3;

    @Option(names = "--depends-on", split = ",", description = "Items that must be COMPLETED.")
    List<String> dependsOn = new ArrayList<>();

    @Option(names = "--payload", defaultValue = "", description = "For clients that claim it.")
    String payload = "";

    @Option(names = "--count", defaultValue = "1", description = "Copies, at most 100.")
    int count = 1;

    @Option(names = "--force", description = "Above the soft limit too.")
    boolean force;

    @Option(names = "--request-id", defaultValue = "", description = "Makes it repeatable.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          SubmitWorkRequest.newBuilder().setRequestId(requestId(requestId)).setForce(force);
      for (int i = 0; i < count; i++) {
        request.addItems(item());
      }
      var answer =
          client.call(c -> QueueServiceGrpc.newBlockingStub(c).submitWork(request.build()));
      if (connection.json()) {
        printer.json(answer);
      } else {
        answer.getItemsList().forEach(item -> printer.line(item.getWorkId()));
      }
      return ExitCodes.OK;
    }

    private WorkSpec item() {
      return WorkSpec.newBuilder()
          .setWorkType(type)
          .setPriority(priority)
          .setJob(options.toSpec())
          .setPayload(payload)
          .setTargetNodeId(options.node)
          .setMaxAttempts(maxAttempts)
          .addAllDependsOn(dependsOn)
          .build();
    }
  }

  @Command(name = "list", description = "Work items, newest first, and counts.")
  static final class ListWork extends Verb {
    @Option(names = "--state", split = ",", description = "Only these states, for example PENDING.")
    List<String> states = new ArrayList<>();

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      return list(
          this, client, printer, states.stream().map(QueueCommand::parseState).toList(), limit);
    }
  }

  @Command(name = "dead", description = "Dead letters: items that failed or timed out for good.")
  static final class Dead extends Verb {
    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      return list(
          this,
          client,
          printer,
          List.of(WorkState.WORK_STATE_FAILED, WorkState.WORK_STATE_TIMEOUT),
          limit);
    }
  }

  @Command(name = "explain", description = "Why an item waits.")
  static final class Explain extends Verb {
    @Parameters(paramLabel = "WORK", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ExplainWorkRequest.newBuilder().setWorkId(id).build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).explainWork(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(HEADER, List.of(row(answer.getItem())));
      if (answer.getQueuePosition() > 0) {
        printer.line(
            String.format(
                Locale.ROOT,
                "queue position %d, effective priority %.1f",
                answer.getQueuePosition(),
                answer.getEffectivePriority()));
      }
      if (answer.getWaitsForCount() > 0) {
        printer.line("waits for " + String.join(", ", answer.getWaitsForList()));
      }
      if (!answer.getHeldForNodeId().isEmpty()) {
        printer.line(
            "held for "
                + answer.getHeldForNodeId()
                + ", which suits it better than those that asked, for at most "
                + Printer.seconds(answer.getHoldRemaining())
                + " more");
      }
      Rankings.print(answer.getNodesList(), answer.getUnblock(), printer);
      return ExitCodes.OK;
    }
  }

  @Command(name = "cancel", description = "Cancels an item that has not ended.")
  static final class Cancel extends Verb {
    @Parameters(paramLabel = "WORK", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(requestId("")).build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).cancelWork(request));
      return printItem(this, printer, answer.getItem());
    }
  }

  @Command(name = "requeue", description = "Puts a dead letter back with fresh attempts.")
  static final class Requeue extends Verb {
    @Parameters(paramLabel = "WORK", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          RequeueWorkRequest.newBuilder().setWorkId(id).setRequestId(requestId("")).build();
      var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).requeueWork(request));
      return printItem(this, printer, answer.getItem());
    }
  }

  private static final List<String> HEADER =
      List.of("WORK", "STATE", "TYPE", "PRIO", "TRIES", "HELD BY", "CREATED", "ERROR");

  private static int list(
      Verb verb, ClusterClient client, Printer printer, List<WorkState> states, int limit) {
    var request =
        ListWorkRequest.newBuilder()
            .setPageSize(limit)
            .addAllStates(states)
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
            .build();
    var answer = client.call(c -> QueueServiceGrpc.newBlockingStub(c).listWork(request));
    if (verb.connection.json()) {
      printer.json(answer);
      return ExitCodes.OK;
    }
    printer.table(HEADER, answer.getItemsList().stream().map(QueueCommand::row).toList());
    var stats =
        client.call(
            c ->
                QueueServiceGrpc.newBlockingStub(c)
                    .getQueueStats(GetQueueStatsRequest.getDefaultInstance()));
    printer.line(
        String.format(
            Locale.ROOT,
            "pending %d, claimed %d, running %d, completed %d, failed %d, timeout %d, cancelled %d",
            stats.getPending(),
            stats.getClaimed(),
            stats.getRunning(),
            stats.getCompleted(),
            stats.getFailed(),
            stats.getTimeout(),
            stats.getCancelled()));
    return ExitCodes.OK;
  }

  private static int printItem(Verb verb, Printer printer, WorkItem item) {
    if (verb.connection.json()) {
      printer.json(item);
    } else {
      printer.table(HEADER, List.of(row(item)));
    }
    return ExitCodes.OK;
  }

  private static List<String> row(WorkItem item) {
    return List.of(
        item.getWorkId(),
        Printer.state(item.getState()),
        item.getSpec().getWorkType(),
        Integer.toString(item.getSpec().getPriority()),
        item.getAttempts() + "/" + item.getSpec().getMaxAttempts(),
        Printer.orDash(item.getClaimedBy()),
        Printer.time(item.getCreateTime()),
        Printer.orDash(item.getError()));
  }

  private static WorkState parseState(String name) {
    String full = "WORK_STATE_" + name.toUpperCase(Locale.ROOT);
    return Arrays.stream(WorkState.values())
        .filter(s -> s.name().equals(full))
        .findFirst()
        .orElseThrow(
            () ->
                Refusal.invalid(
                    "--state", name, "a work state such as PENDING, RUNNING or COMPLETED"));
  }

  private QueueCommand() {}
}
