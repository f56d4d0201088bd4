package io.ringrift.node.cli;

import io.ringrift.admin.v1.AdminServiceGrpc;
import io.ringrift.admin.v1.ConfigChange;
import io.ringrift.admin.v1.ReloadConfigRequest;
import io.ringrift.admin.v1.ReloadConfigResponse;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/// `ringrift config reload`: every node of `--address` reads its configuration again, in turn. Each
/// takes all of it or nothing; one that refuses does not keep the others from it.
@Command(
    name = "reload",
    description =
        "Has each node of --address read its configuration again; tells what changed and what needs"
            + " a restart.")
final class ReloadCommand extends Verb {
  @Override
  int run(ClusterClient client, Printer printer) {
    int code = ExitCodes.OK;
    var rows = new ArrayList<List<String>>();
    var answers = new ArrayList<ReloadConfigResponse>();
    for (Endpoint node : connection.addresses()) {
      try (var one = connection.connect(List.of(node))) {
        var answer =
            one.call(
                c ->
                    AdminServiceGrpc.newBlockingStub(c)
                        .reloadConfig(ReloadConfigRequest.getDefaultInstance()));
        answers.add(answer);
        tell(answer, printer, rows);
      } catch (Refusal refusal) {
        spec.commandLine().getErr().println(node + ": " + refusal.reason() + ": " + refusal.text());
        code = Math.max(code, ExitCodes.of(refusal));
      }
    }
    if (connection.json()) {
      printer.json(answers);
    } else if (!rows.isEmpty()) {
      printer.table(List.of("NODE", "SETTING", "OLD", "NEW", "IN FORCE"), rows);
    }
    return code;
  }

  private void tell(ReloadConfigResponse answer, Printer printer, List<List<String>> rows) {
    String node = answer.getNodeId();
    answer
        .getWarningsList()
        .forEach(w -> spec.commandLine().getErr().println(node + ": warning: " + w));
    if (connection.json()) {
      return;
    }
    answer.getAppliedList().forEach(change -> rows.add(row(node, change, "now")));
    answer
        .getRestartNeededList()
        .forEach(change -> rows.add(row(node, change, "after a restart of the node")));
    if (answer.getAppliedCount() + answer.getRestartNeededCount() == 0) {
      printer.line(node + ": nothing changed");
    }
  }

  private static List<String> row(String node, ConfigChange change, String when) {
    return List.of(
        node,
        change.getName(),
        Printer.orDash(change.getOldValue()),
        Printer.orDash(change.getNewValue()),
        when);
  }
}
