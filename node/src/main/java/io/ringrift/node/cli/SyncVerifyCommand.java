package io.ringrift.node.cli;

import io.ringrift.node.client.ClusterClient;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringrift sync verify`
@Command(
    name = "verify",
    description = {
      "Re-hashes every file on every node.",
      "Exit 1 unless all are whole, no path has two contents and each has its copies or is new."
    })
final class SyncVerifyCommand extends Verb {
  private static final long LONG_CALL_MINUTES = 30;

  @Option(names = "--local", description = "Only the files of the node that is asked.")
  boolean local;

  @Override
  int run(ClusterClient client, Printer printer) {
    var request = VerifyFilesRequest.newBuilder().setCluster(!local).build();
    var answer =
        client.callOnce(
            c ->
                SyncServiceGrpc.newBlockingStub(c)
                    .withDeadlineAfter(LONG_CALL_MINUTES, TimeUnit.MINUTES)
                    .verifyFiles(request));
    if (connection.json()) {
      printer.json(answer);
    } else {
      printer.table(
          List.of("NODE", "FILES", "SIZE", "CORRUPT", "MISSING", "DIGEST"),
          answer.getNodesList().stream().map(SyncVerifyCommand::row).toList());
      answer.getNodesList().forEach(n -> printQuarantined(n, printer));
      answer.getConflictsList().forEach(c -> printer.line(SyncCommand.conflict(c)));
      answer.getTooFewList().forEach(f -> printer.line(SyncCopiesCommand.tooFew(f)));
      printer.line(verdict(answer, !local));
    }
    return answer.getSound() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private static List<String> row(VerifiedNode node) {
    return List.of(
        node.getNodeId(),
        Long.toString(node.getFiles()),
        Printer.bytes(node.getBytes()),
        Integer.toString(node.getCorruptCount()),
        Integer.toString(node.getMissingCount()),
        node.getDigest().isEmpty() ? "no answer" : node.getDigest());
  }

  static String verdict(VerifyFilesResponse answer, boolean cluster) {
    String sound = answer.getSound() ? "sound" : "NOT sound";
    if (!cluster) {
      return sound;
    }
    return sound
        + ": "
        + (answer.getPaths() - answer.getTotalTooFew() - answer.getTotalNew())
        + " of "
        + answer.getPaths()
        + " files have their copies (replication target "
        + (answer.getReplicationTarget() == 0
            ? "every node"
            : Integer.toString(answer.getReplicationTarget()))
        + ")"
        + (answer.getTotalNew() == 0
            ? ""
            : ", " + answer.getTotalNew() + " are new and still to be copied")
        + (answer.getIdentical() ? ", identical on every node" : "");
  }

  private static void printQuarantined(VerifiedNode node, Printer printer) {
    node.getQuarantinedList()
        .forEach(
            file ->
                printer.line(
                    "damaged on "
                        + node.getNodeId()
                        + ": "
                        + file.getPath()
                        + " has the hash "
                        + file.getActualSha256()
                        + " instead of "
                        + file.getExpectedSha256()
                        + "; it is now "
                        + file.getPlace()
                        + (file.getRestored()
                            ? ", and the right content is back"
                            : ", and the right content is not to be had: " + file.getDetail())));
  }
}
