package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.TooFewCopies;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ringrift sync copies`
@Command(
    name = "copies",
    description = "Whether a node may go for good: exit 0 others hold what it holds, 1 not yet.")
final class SyncCopiesCommand extends Verb {
  private static final long LONG_CALL_MINUTES = 5;

  @Parameters(paramLabel = "NODE", description = "Node id.")
  String id = "";

  @Override
  int run(ClusterClient client, Printer printer) {
    var request = CheckCopiesRequest.newBuilder().setNodeId(id).build();
    var answer =
        client.call(
            c ->
                SyncServiceGrpc.newBlockingStub(c)
                    .withDeadlineAfter(LONG_CALL_MINUTES, TimeUnit.MINUTES)
                    .checkCopies(request));
    if (connection.json()) {
      printer.json(answer);
    } else {
      answer.getTooFewList().forEach(file -> printer.line(tooFew(file)));
      printer.line(
          answer.getSpare()
              ? id + " may go: others hold its " + answer.getFiles() + " files often enough"
              : id
                  + " may NOT go: of its "
                  + answer.getFiles()
                  + " files others hold "
                  + answer.getTotalTooFew()
                  + " too seldom");
    }
    return answer.getSpare() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  static String tooFew(TooFewCopies file) {
    return "too few copies: "
        + file.getPath()
        + " has "
        + file.getCopies()
        + " of "
        + file.getWanted();
  }
}
